package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code detail} prints: the labels of {@code mdadm --detail} for people, md's sysfs names for programs.
 *
 * @param file the volume's path
 * @param sizeBytes its size
 * @param attributes the array's attributes by their sysfs names
 */
record DetailReport(Path file, long sizeBytes, Map<String, String> attributes) {
    /** The key of the front end, which is no attribute of the array. */
    static final String FRONTEND = "frontend";

    private static final int MEBIBYTE = 1 << 20;

    /** Lines for a person; values that the array does not report are omitted. */
    String toText() {
        List<String> lines = new ArrayList<>();
        lines.add(file + ":");
        add(lines, "Creation Time", time("creation_time"));
        add(lines, "Raid Level", get("level"));
        lines.add(line("Array Size", size(sizeBytes)));
        add(
                lines,
                "Used Dev Size",
                get("component_size").isEmpty() ? "" : size(Long.parseLong(get("component_size")) * 1024));
        add(lines, "Raid Devices", get("raid_disks"));
        new DeviceCounts(attributes).total().ifPresent(total -> add(lines, "Total Devices", total));
        lines.add("");
        add(lines, "Update Time", time("update_time"));
        add(lines, "State", state());
        add(lines, "Overlay", overlay());
        add(lines, "Trouble", get("array_trouble").equals("none") ? "" : get("array_trouble"));
        add(lines, "Host Full", attributes.getOrDefault("host_full", "none").equals("none") ? "" : get("host_full"));
        add(lines, "Missing Devices", get("degraded"));
        new DeviceCounts(attributes).lines().forEach((label, count) -> add(lines, label, count));
        add(lines, "Layout", get("layout"));
        add(lines, "Chunk Size", chunkSize());
        add(lines, "Logical Block Size", get("logical_block_size").equals("0") ? "" : get("logical_block_size"));
        add(lines, "Consistency Policy", get("consistency_policy"));
        add(lines, "Journal Mode", get("journal_mode"));
        add(lines, "Reshape Status", get("reshape"));
        add(lines, syncLabel(), SyncStatus.of(attributes).text());
        add(lines, "Sync Trouble", get("sync_trouble").equals("none") ? "" : get("sync_trouble"));
        add(lines, "Version", get("metadata_version"));
        add(lines, "Name", get("name"));
        add(lines, "UUID", get("uuid"));
        add(lines, "Events", get("events"));
        add(lines, "Front End", get(FRONTEND));
        for (int slot = 0; attributes.containsKey("rd" + slot); slot++) {
            add(lines, slot == 0 ? "RaidDevice 0" : Integer.toString(slot), get("rd" + slot) + corrected(slot));
        }
        addOthers(lines);
        return String.join(System.lineSeparator(), lines);
    }

    /** One JSON object; integers as numbers, all other values as text. */
    String toJson() throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
            json.writeStartObject();
            json.writeStringField("file", file.toString());
            json.writeNumberField("size", sizeBytes);
            for (Map.Entry<String, String> attribute : attributes.entrySet()) {
                json.writeFieldName(attribute.getKey());
                if (attribute.getValue().matches("0|-?[1-9][0-9]{0,17}")) {
                    json.writeNumber(Long.parseLong(attribute.getValue()));
                } else {
                    json.writeString(attribute.getValue());
                }
            }
            json.writeEndObject();
        }
        return text.toString();
    }

    /** Where the writes of a read-only mount go. */
    private String overlay() {
        return get("overlay").isEmpty()
                ? ""
                : get("overlay") + ", " + get("overlay_bytes") + " of at most " + get("overlay_limit_bytes")
                        + " bytes written; lost at the unmount";
    }

    private String state() {
        StringBuilder state = new StringBuilder(get("array_state"));
        if (!get("degraded").equals("0") && !get("degraded").isEmpty()) {
            state.append(", degraded");
        }
        switch (get("sync_action")) {
            case "resync" -> state.append(", resyncing");
            case "recover" -> state.append(", recovering");
            case "check" -> state.append(", checking");
            case "repair", "repair-force", "repair-parity" -> state.append(", repairing");
            default -> {}
        }
        return state.toString();
    }

    /** mdadm's labels: Resync Status, Rebuild Status, Check Status, Repair Status. */
    private String syncLabel() {
        return switch (get("sync_action")) {
            case "recover" -> "Rebuild Status";
            case "check" -> "Check Status";
            case "repair", "repair-force", "repair-parity" -> "Repair Status";
            default -> "Resync Status";
        };
    }

    /** The devices that have no slot, or that are not the only member of their slot. */
    private void addOthers(List<String> lines) {
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            String value = attribute.getValue();
            boolean member = value.startsWith("in_sync ") || value.startsWith("rebuilding ");
            if (attribute.getKey().matches("dev[0-9]+") && !member) {
                add(lines, "-", value);
            }
        }
    }

    private static String size(long bytes) {
        return String.format(
                Locale.ROOT, "%d (%.2f MiB %.2f MB)", bytes / 1024, (double) bytes / MEBIBYTE, bytes / 1e6);
    }

    /** A time in seconds since 1970, as mdadm shows one: in the user's own time zone. */
    private String time(String attribute) {
        return get(attribute).isEmpty() ? "" : SuperblockText.time(Long.parseLong(get(attribute)));
    }

    private String chunkSize() {
        String bytes = get("chunk_size");
        return bytes.isEmpty() || bytes.equals("0") ? "" : Long.parseLong(bytes) / 1024 + "K";
    }

    private String corrected(int slot) {
        String count = attributes.getOrDefault("rd" + slot + "_errors_corrected", "0");
        return count.equals("0") ? "" : " (" + count + " read errors corrected)";
    }

    private String get(String attribute) {
        return attributes.getOrDefault(attribute, "");
    }

    private static void add(List<String> lines, String label, String value) {
        if (!value.isEmpty()) {
            lines.add(line(label, value));
        }
    }

    /** Label and value, with the colons in one column as mdadm prints them. */
    private static String line(String label, String value) {
        return String.format(Locale.ROOT, "%18s : %s", label, value);
    }
}

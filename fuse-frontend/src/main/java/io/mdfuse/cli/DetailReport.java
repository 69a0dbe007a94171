package io.mdfuse.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code detail} prints for people and for programs that read mdadm: the lines of {@code mdadm --detail} (mdadm
 * 4.2), letter by letter and in its order, then the {@link DeviceTable}, then what only mdfuse has ({@link OwnLines})
 * under a heading of its own.
 *
 * @param file the volume's path
 * @param sizeBytes its size
 */
record DetailReport(Path file, long sizeBytes, ArrayView array) {
    private static final int KIB = 1024;

    String toText() {
        List<String> lines = new ArrayList<>();
        lines.add(file + ":");
        addArray(lines);
        lines.add("");
        array.bitmap().ifPresent(where -> {
            LabelledLines.add(lines, "Intent Bitmap", where);
            lines.add("");
        });
        addState(lines);
        lines.add("");
        addShape(lines);
        addProgress(lines);
        new ReshapeLines(array).add(lines);
        LabelledLines.add(lines, "Name", name());
        LabelledLines.add(lines, "UUID", uuid());
        LabelledLines.add(lines, "Events", events());
        lines.add("");
        lines.addAll(new DeviceTable(array).lines());
        lines.add("");
        lines.addAll(new OwnLines(array).lines());
        return String.join(System.lineSeparator(), lines);
    }

    private void addArray(List<String> lines) {
        LabelledLines.add(lines, "Version", array.text("metadata_version"));
        LabelledLines.add(lines, "Creation Time", time("creation_time"));
        LabelledLines.add(lines, "Raid Level", array.text("level"));
        LabelledLines.add(lines, "Array Size", sizeBytes / KIB + HumanSize.of(sizeBytes));
        array.number("component_size")
                .ifPresent(kib -> LabelledLines.add(lines, "Used Dev Size", kib + HumanSize.of(kib * KIB)));
        LabelledLines.add(lines, "Raid Devices", array.text("raid_disks"));
        LabelledLines.add(lines, "Total Devices", Long.toString(array.devices().size()));
        LabelledLines.add(lines, "Preferred Minor", array.text("preferred_minor"));
        LabelledLines.add(lines, "Persistence", "Superblock is persistent");
    }

    private void addState(List<String> lines) {
        LabelledLines.add(lines, "Update Time", time("update_time"));
        // mdadm ends this line with a blank, and there are scripts that expect it.
        LabelledLines.add(lines, "State", state() + " ");
        LabelledLines.add(lines, "Active Devices", Long.toString(array.activeDevices()));
        LabelledLines.add(lines, "Working Devices", Long.toString(array.workingDevices()));
        LabelledLines.add(lines, "Failed Devices", Long.toString(array.failedDevices()));
        LabelledLines.add(lines, "Spare Devices", Long.toString(array.spareDevices()));
    }

    private void addShape(List<String> lines) {
        if (array.levelNumber() != 4) {
            LabelledLines.add(lines, "Layout", array.text(array.before("layout")));
        }
        long chunkBytes = array.numberOr(array.before("chunk_size"), 0);
        if (chunkBytes > 0) {
            LabelledLines.add(lines, array.levelNumber() < 0 ? "Rounding" : "Chunk Size", chunkBytes / KIB + "K");
            lines.add("");
        }
        // mdadm shows none for levels without redundancy.
        String policy = array.attributes().getOrDefault("consistency_policy", "");
        if (!policy.isEmpty()) {
            LabelledLines.add(lines, "Consistency Policy", policy);
            lines.add("");
        }
    }

    /** The pass that is under way, by mdadm's word for it. */
    private void addProgress(List<String> lines) {
        SyncStatus sync = array.sync();
        if (!sync.isIdle() && sync.allSectors() > 0) {
            String label = switch (sync.mdWord()) {
                case "recovery" -> "Rebuild Status";
                case "check" -> "Check Status";
                default -> "Resync Status";
            };
            LabelledLines.add(lines, label, sync.perMille() / 10 + "% complete");
            lines.add("");
        }
    }

    /**
     * mdadm's words for the state: clean or active, then what is wrong, then what is under way. Of a level without
     * redundancy mdadm shows md's array_state in place of clean.
     */
    String state() {
        boolean redundant = array.levelNumber() > 0;
        String clean = redundant ? "clean" : array.text("array_state");
        StringBuilder state = new StringBuilder(array.isClean() ? clean : "active");
        if (array.hasFailed()) {
            state.append(", FAILED");
        } else if (array.degraded() > 0) {
            state.append(", degraded");
        }
        SyncStatus sync = array.sync();
        if (!sync.isIdle()) {
            state.append(
                    switch (sync.mdWord()) {
                        case "recovery" -> ", recovering";
                        case "check" -> ", checking";
                        default -> ", resyncing";
                    });
        }
        return state.toString();
    }

    /** Of metadata 0.90 mdadm shows the two halves of the number. */
    private String events() {
        String events = array.text("events");
        if (!array.isOld()) {
            return events;
        }
        long count = Long.parseUnsignedLong(events);
        return (count >>> 32) + "." + (count & 0xffff_ffffL);
    }

    private String name() {
        String name = array.text("name");
        return name + LocalMark.afterName(name);
    }

    private String uuid() {
        String uuid = array.text("uuid");
        return uuid + (array.isOld() ? LocalMark.afterUuid(uuid) : "");
    }

    /** A time in seconds since 1970, as mdadm shows one: in the user's own time zone. */
    private String time(String attribute) {
        return array.number(attribute).stream()
                .mapToObj(SuperblockText::time)
                .findFirst()
                .orElse("");
    }
}

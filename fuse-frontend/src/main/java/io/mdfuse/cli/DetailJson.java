package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import io.mdfuse.device.DeviceNumber;
import io.mdfuse.raid.array.DeviceState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * An array as a JSON object, for {@code detail --json} and {@code status --json}. docs/json.md documents each field;
 * names and types are kept from version to version. Numbers are numbers and end in their unit, a field without a value
 * is null, and no field is omitted.
 *
 * @param mountPoint where the array is mounted
 * @param sizeBytes the size of the volume
 */
record DetailJson(Path mountPoint, Path file, long sizeBytes, ArrayView array) {
    private static final long KIB = 1024;
    private static final long SECTOR = 512;
    private static final Set<String> SHOWN_ELSEWHERE = Set.of(OwnLines.FRONTEND, ServedStatistics.ATTRIBUTE);

    void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("file", file.toString());
        json.writeStringField("mount_point", mountPoint.toString());
        writeIdentity(json);
        writeState(json);
        writeShape(json);
        writeConsistency(json);
        writeSync(json);
        json.writeArrayFieldStart("devices");
        for (ArrayDevice device : array.devices()) {
            writeDevice(device, json);
        }
        json.writeEndArray();
        writeServer(json);
        writeStatistics(json);
        writeAttributes(json);
        json.writeEndObject();
    }

    private void writeIdentity(JsonGenerator json) throws IOException {
        json.writeStringField("metadata_version", array.text("metadata_version"));
        text(json, "name", array.text("name"));
        json.writeStringField("uuid", array.text("uuid"));
        time(json, "creation_time", array.number("creation_time"));
        time(json, "update_time", array.number("update_time"));
        number(json, "events", array.number("events"));
    }

    private void writeState(JsonGenerator json) throws IOException {
        json.writeStringField("state", new DetailReport(file, sizeBytes, array).state());
        json.writeStringField("array_state", array.text("array_state"));
        json.writeBooleanField("clean", array.isClean());
        json.writeBooleanField("degraded", array.degraded() > 0);
        json.writeBooleanField("failed", array.hasFailed());
        json.writeBooleanField("read_only", array.readOnly());
        json.writeNumberField("missing_members", array.degraded());
        text(json, "trouble", array.text("array_trouble"));
        json.writeNumberField("total_devices", array.devices().size());
        json.writeNumberField("active_devices", array.activeDevices());
        json.writeNumberField("working_devices", array.workingDevices());
        json.writeNumberField("failed_devices", array.failedDevices());
        json.writeNumberField("spare_devices", array.spareDevices());
    }

    private void writeShape(JsonGenerator json) throws IOException {
        json.writeStringField("level", array.text("level"));
        json.writeNumberField("raid_devices", array.slots());
        text(json, "layout", array.text("layout"));
        number(json, "chunk_bytes", array.number("chunk_size"));
        json.writeNumberField("array_bytes", sizeBytes);
        number(json, "used_device_bytes", times(array.number("component_size"), KIB));
        number(json, "logical_block_bytes", array.number("logical_block_size"));
        text(json, "reshape", array.text("reshape"));
    }

    private void writeConsistency(JsonGenerator json) throws IOException {
        text(json, "consistency_policy", array.text("consistency_policy"));
        text(json, "journal_mode", array.text("journal_mode"));
        number(json, "stripe_cache_size", array.number("stripe_cache_size"));
        number(json, "stripe_cache_active", array.number("stripe_cache_active"));
        number(json, "mismatch_sectors", array.number("mismatch_cnt"));
    }

    private void writeSync(JsonGenerator json) throws IOException {
        SyncStatus sync = array.sync();
        json.writeObjectFieldStart("sync");
        json.writeStringField("action", sync.action());
        boolean known = !sync.isIdle() && sync.allSectors() > 0;
        number(json, "done_bytes", known ? OptionalLong.of(sync.passedSectors() * SECTOR) : OptionalLong.empty());
        number(json, "all_bytes", known ? OptionalLong.of(sync.allSectors() * SECTOR) : OptionalLong.empty());
        json.writeFieldName("percent");
        if (known) {
            json.writeNumber(sync.perMille() / 10.0);
        } else {
            json.writeNull();
        }
        boolean moves = known && sync.kibPerSecond() > 0;
        number(json, "bytes_per_second", moves ? OptionalLong.of(sync.kibPerSecond() * KIB) : OptionalLong.empty());
        number(json, "seconds_left", moves ? OptionalLong.of(sync.secondsLeft()) : OptionalLong.empty());
        text(json, "trouble", array.text("sync_trouble"));
        json.writeEndObject();
    }

    private void writeDevice(ArrayDevice device, JsonGenerator json) throws IOException {
        DeviceNumber numbers = device.numbers();
        boolean slotted = device.slot() != ArrayDevice.NO_SLOT;
        boolean member = device.state() == DeviceState.IN_SYNC || device.state() == DeviceState.REBUILDING;
        String slot = "rd" + device.slot();
        json.writeStartObject();
        json.writeNumberField("number", device.number());
        json.writeNumberField("major", numbers.major());
        json.writeNumberField("minor", numbers.minor());
        number(json, "slot", slotted ? OptionalLong.of(device.slot()) : OptionalLong.empty());
        json.writeStringField("state", device.state().text());
        json.writeStringField("words", device.words());
        json.writeStringField("path", device.name());
        number(json, "corrected_read_errors", member ? array.number(slot + "_errors_corrected") : OptionalLong.empty());
        number(json, "bad_block_ranges", member ? badRanges(slot) : OptionalLong.empty());
        json.writeEndObject();
    }

    /** How many ranges the member's list of bad blocks has; empty if it has no list. */
    private OptionalLong badRanges(String slot) {
        String ranges = array.attributes().get(slot + "_bad_blocks");
        return ranges == null
                ? OptionalLong.empty()
                : OptionalLong.of(ranges.lines().count());
    }

    private void writeServer(JsonGenerator json) throws IOException {
        text(json, "frontend", array.text(OwnLines.FRONTEND));
        text(json, "host_full", array.text("host_full"));
        text(json, "overlay", array.text("overlay"));
        number(json, "overlay_bytes", array.number("overlay_bytes"));
        number(json, "overlay_limit_bytes", array.number("overlay_limit_bytes"));
        json.writeArrayFieldStart("unused_devices");
        for (ArrayDevice device : array.unused()) {
            json.writeString(device.name());
        }
        json.writeEndArray();
    }

    /** The object of the attribute {@code stats}, as it is; null for a mount by an older mdfuse. */
    private void writeStatistics(JsonGenerator json) throws IOException {
        json.writeFieldName("statistics");
        String statistics = array.text(ServedStatistics.ATTRIBUTE);
        if (statistics.isEmpty()) {
            json.writeNull();
            return;
        }
        try (JsonParser parser = new JsonFactory().createParser(statistics)) {
            parser.nextToken();
            json.copyCurrentStructure(parser);
        }
    }

    /** All attributes as they are, by md's sysfs names: for what the fields above do not have. */
    private void writeAttributes(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("attributes");
        for (Map.Entry<String, String> attribute : array.attributes().entrySet()) {
            if (!SHOWN_ELSEWHERE.contains(attribute.getKey())) {
                json.writeStringField(attribute.getKey(), attribute.getValue());
            }
        }
        json.writeEndObject();
    }

    private static OptionalLong times(OptionalLong value, long factor) {
        return value.isEmpty() ? value : OptionalLong.of(value.getAsLong() * factor);
    }

    private static void text(JsonGenerator json, String name, String value) throws IOException {
        json.writeFieldName(name);
        if (value.isEmpty()) {
            json.writeNull();
        } else {
            json.writeString(value);
        }
    }

    /** A time in UTC, as ISO 8601 writes it. */
    private static void time(JsonGenerator json, String name, OptionalLong seconds) throws IOException {
        text(
                json,
                name,
                seconds.isEmpty()
                        ? ""
                        : Instant.ofEpochSecond(seconds.getAsLong()).toString());
    }

    private static void number(JsonGenerator json, String name, OptionalLong value) throws IOException {
        json.writeFieldName(name);
        if (value.isEmpty()) {
            json.writeNull();
        } else {
            json.writeNumber(value.getAsLong());
        }
    }
}

package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.Superblock090;
import io.mdfuse.raid.superblock.Superblock090.Disk;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * A superblock of metadata 0.90 as one JSON object. Fields that version 1 has too have the names that {@link
 * SuperblockJson} gives them.
 */
final class Superblock090Json {
    private Superblock090Json() {}

    /** Writes the object; {@code common} is the same superblock in the terms of version 1. */
    static void write(String device, Superblock090 superblock, Superblock common, JsonGenerator json)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("device", device);
        json.writeStringField("metadata", common.metadataVersion().text());
        boolean bigEndian = superblock.byteOrder() == ByteOrder.BIG_ENDIAN;
        json.writeStringField("byte_order", bigEndian ? "big-endian" : "little-endian");
        json.writeStringField("array_uuid", common.setUuidText());
        json.writeNumberField("creation_time_seconds", superblock.ctimeSeconds());
        json.writeStringField("level", ShapeText.levelName(superblock.level()));
        SuperblockJson.writeLayout(common, json);
        json.writeNumberField("raid_devices", superblock.raidDisks());
        json.writeNumberField("total_devices", superblock.totalDisks());
        json.writeNumberField("preferred_minor", superblock.preferredMinor());
        json.writeNumberField("chunk_bytes", superblock.chunkBytes());
        json.writeNumberField("used_sectors", common.usedSectors());
        SuperblockJson.writeArraySize(common, json);
        json.writeNumberField("super_offset_sectors", common.superOffsetSectors());
        json.writeStringField("state", superblock.clean() ? "clean" : "active");
        if (!superblock.clean()) {
            json.writeNumberField("resync_offset_sectors", superblock.resyncOffsetSectors());
        }
        Optional<ReshapeText> reshape = Superblock090Text.reshape(superblock);
        if (reshape.isPresent()) {
            reshape.get().write(json);
        }
        json.writeBooleanField("internal_bitmap", superblock.hasBitmap());
        json.writeNumberField("active_devices", superblock.activeDisks());
        json.writeNumberField("working_devices", superblock.workingDisks());
        json.writeNumberField("failed_devices", superblock.failedDisks());
        json.writeNumberField("spare_devices", superblock.spareDisks());
        json.writeNumberField("update_time_seconds", superblock.utimeSeconds());
        json.writeStringField("checksum", String.format("%08x", superblock.checksum()));
        if (!superblock.checksumFits()) {
            json.writeStringField("checksum_expected", String.format("%08x", superblock.expectedChecksum()));
        }
        json.writeNumberField("events", superblock.events());
        Disk own = superblock.thisDisk();
        json.writeNumberField("device_number", own.number());
        json.writeStringField("role", Superblock090Text.words(own));
        if (own.is(Disk.SYNC)) {
            json.writeNumberField("slot", own.slot());
        }
        json.writeStringField("array_state", SuperblockText.slotLetters(common));
        json.writeEndObject();
    }
}

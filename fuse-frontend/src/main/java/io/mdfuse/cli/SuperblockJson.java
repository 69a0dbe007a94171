package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A superblock as one JSON object: every field under its own name, with the unit at the end, numbers as numbers and
 * times in seconds since 1970. Fields that do not apply are omitted.
 */
final class SuperblockJson {
    private SuperblockJson() {}

    static void write(FoundDevice device, List<BadRange> badBlocks, JsonGenerator json) throws IOException {
        Superblock superblock = device.superblock();
        json.writeStartObject();
        json.writeStringField("device", device.name());
        json.writeStringField("metadata", superblock.metadataVersion().text());
        json.writeNumberField("feature_map", superblock.featureMap());
        json.writeStringField("features", Features.names(superblock.featureMap()));
        json.writeStringField("array_uuid", superblock.setUuidText());
        json.writeStringField("name", superblock.setName());
        json.writeNumberField("creation_time_seconds", superblock.ctimeSeconds());
        json.writeStringField("level", ShapeText.levelName(superblock.level()));
        writeLayout(superblock, json);
        json.writeNumberField("raid_devices", superblock.raidDisks());
        json.writeNumberField("chunk_bytes", Sectors.toBytes(superblock.chunkSectors()));
        json.writeNumberField("logical_block_bytes", superblock.logicalBlockBytes());
        json.writeNumberField("avail_sectors", superblock.dataSizeSectors());
        json.writeNumberField("missing_sectors", superblock.dataSizeSectors() - device.roomSectors());
        json.writeNumberField("used_sectors", superblock.usedSectors());
        writeArraySize(superblock, json);
        json.writeNumberField("data_offset_sectors", superblock.dataOffsetSectors());
        json.writeNumberField("super_offset_sectors", superblock.superOffsetSectors());
        boolean clean = superblock.resyncOffset().isInSync();
        json.writeStringField("state", clean ? "clean" : "active");
        if (!clean) {
            json.writeNumberField("resync_offset_sectors", superblock.resyncOffsetSectors());
            json.writeBooleanField("synology_left_in_use", superblock.leftInUse());
        }
        json.writeStringField("device_uuid", superblock.deviceUuidText());
        writeReshape(superblock, json);
        writeAreas(superblock, json);
        writeBadBlocks(superblock, badBlocks, json);
        json.writeNumberField("update_time_seconds", superblock.utimeSeconds());
        json.writeStringField("checksum", String.format("%08x", superblock.checksum()));
        if (superblock.checksum() != superblock.expectedChecksum()) {
            json.writeStringField("checksum_expected", String.format("%08x", superblock.expectedChecksum()));
        }
        json.writeNumberField("events", superblock.events());
        json.writeNumberField("device_number", superblock.deviceNumber());
        writeRole(superblock, json);
        json.writeStringField("array_state", SuperblockText.slotLetters(superblock));
        json.writeEndObject();
    }

    /** The layout, if the level has one. */
    static void writeLayout(Superblock superblock, JsonGenerator json) throws IOException {
        Optional<String> layout = SuperblockText.layoutName(superblock);
        if (layout.isPresent()) {
            json.writeStringField("layout", layout.get());
        }
    }

    /** The array's size, if the level gives all members the same. */
    static void writeArraySize(Superblock superblock, JsonGenerator json) throws IOException {
        Optional<Long> bytes = SuperblockText.arrayBytes(superblock);
        if (bytes.isPresent()) {
            json.writeNumberField("array_bytes", bytes.get());
        }
    }

    private static void writeReshape(Superblock superblock, JsonGenerator json) throws IOException {
        Optional<ReshapeText> reshape = SuperblockText.reshape(superblock);
        if (reshape.isPresent()) {
            reshape.get().write(json);
        }
    }

    private static void writeAreas(Superblock superblock, JsonGenerator json) throws IOException {
        if (superblock.hasFeature(Features.RECOVERY_OFFSET)) {
            json.writeNumberField("recovery_offset_sectors", superblock.recoveryOffsetSectors());
        }
        if (superblock.hasFeature(Features.BITMAP)) {
            json.writeNumberField("bitmap_offset_sectors", superblock.bitmapOffsetSectors());
        }
        if (superblock.hasFeature(Features.ANY_PPL)) {
            json.writeNumberField("ppl_offset_sectors", superblock.pplOffsetSectors());
            json.writeNumberField("ppl_size_sectors", superblock.pplSizeSectors());
        }
        if (superblock.badBlockLogSectors() != 0) {
            json.writeNumberField("bad_block_log_offset_sectors", superblock.badBlockLogOffsetSectors());
            json.writeNumberField("bad_block_log_size_sectors", superblock.badBlockLogSectors());
            json.writeBooleanField("bad_blocks_present", superblock.hasFeature(Features.BAD_BLOCKS));
        }
    }

    private static void writeBadBlocks(Superblock superblock, List<BadRange> badBlocks, JsonGenerator json)
            throws IOException {
        if (superblock.badBlockLogSectors() == 0) {
            return;
        }
        json.writeArrayFieldStart("bad_blocks");
        for (BadRange range : badBlocks) {
            json.writeStartObject();
            json.writeNumberField("sector", range.sector());
            json.writeNumberField("sectors", range.sectors());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writeRole(Superblock superblock, JsonGenerator json) throws IOException {
        int role = superblock.ownRole();
        if (Roles.isSlot(role)) {
            json.writeStringField("role", "active");
            json.writeNumberField("slot", role);
            json.writeBooleanField("synology_disk_error", superblock.hasDiskError(superblock.deviceNumber()));
        } else {
            json.writeStringField("role", Roles.describe(role));
        }
        if (role == Roles.JOURNAL) {
            json.writeNumberField("journal_tail_sector", superblock.journalTailSector());
        }
    }
}

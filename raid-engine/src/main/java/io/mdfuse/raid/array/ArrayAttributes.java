package io.mdfuse.raid.array;

import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.reshape.ReshapePlan;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.ReshapeState;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.sync.MismatchText;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of an open array, with the names and values of md's sysfs directory ({@code
 * /sys/block/mdX/md}; Linux, Documentation/admin-guide/md.rst).
 */
final class ArrayAttributes {
    private ArrayAttributes() {}

    static Map<String, String> of(ArrayParts parts, ArrayEngine engine) {
        Superblock superblock = parts.reference();
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("array_state", arrayState(parts, engine));
        String trouble = trouble(parts, engine);
        attributes.put("array_trouble", trouble.isEmpty() ? "none" : trouble);
        attributes.put("level", "raid" + superblock.level());
        attributes.put("layout", parts.geometry().layout().mdName());
        attributes.put("chunk_size", Integer.toString(parts.geometry().chunkBytes()));
        attributes.put("logical_block_size", Integer.toString(superblock.logicalBlockBytes()));
        attributes.put("raid_disks", Integer.toString(parts.geometry().raidDisks()));
        ReshapePlan reshape = parts.reshape();
        attributes.put("reshape_position", reshape == null ? "none" : Long.toString(reshape.positionSectors()));
        if (reshape != null) {
            describe(reshape, superblock, attributes);
        }
        attributes.put("degraded", Integer.toString(parts.members().degraded()));
        attributes.put(
                "consistency_policy", ConsistencyPolicy.of(engine.superblock()).mdName());
        attributes.put("resync_start", resyncStart(engine.superblock()));
        attributes.put(
                "feature_map",
                String.format(Locale.ROOT, "0x%x", engine.superblock().featureMap() & ~Features.PER_DEVICE));
        engine.describeJournal(attributes);
        attributes.put("events", Long.toString(engine.events()));
        attributes.put("uuid", superblock.setUuidText());
        attributes.put("name", superblock.setName());
        attributes.put("creation_time", Long.toString(superblock.ctimeSeconds()));
        attributes.put("update_time", Long.toString(engine.superblock().utimeSeconds()));
        attributes.put("component_size", Long.toString(parts.geometry().memberSectors() / 2));
        attributes.put("metadata_version", superblock.metadataVersion().text());
        superblock.preferredMinor().ifPresent(minor -> attributes.put("preferred_minor", Integer.toString(minor)));
        SyncActions.describe(attributes, new MismatchText(parts.geometry(), parts.members()), engine.passes());
        engine.describeDevices(attributes);
        for (int slot = 0; slot < parts.geometry().raidDisks(); slot++) {
            Member member = parts.members().member(slot);
            attributes.put("rd" + slot, describe(member));
            if (member != null) {
                attributes.put("rd" + slot + "_errors_corrected", Long.toString(member.correctedErrors()));
                if (member.badBlocks().hasLog()) {
                    attributes.put("rd" + slot + "_bad_blocks", badBlocks(member));
                }
            }
        }
        return attributes;
    }

    /** What changes: the attributes of the shape itself are those after the reshape. */
    private static void describe(ReshapePlan reshape, Superblock superblock, Map<String, String> attributes) {
        attributes.put("reshape", reshape.words() + ", " + reshape.percent() + "% complete");
        ReshapeState.of(superblock)
                .map(ReshapeState::newLevel)
                .ifPresent(level -> attributes.put("new_level", "raid" + level));
        attributes.put("old_raid_disks", Integer.toString(reshape.before().raidDisks()));
        attributes.put("old_chunk_size", Integer.toString(reshape.before().chunkBytes()));
        attributes.put("old_layout", reshape.before().layout().mdName());
    }

    /**
     * The list as md's bad_blocks shows it: a line {@code sector length} for each range, in sectors from the start of
     * the device; empty if no block is listed.
     */
    private static String badBlocks(Member member) {
        return member.badBlocks().ranges().stream().map(BadRange::text).collect(Collectors.joining("\n"));
    }

    /**
     * md's resync_start: the member sector up to which parity is known to be correct; {@code none} if it is everywhere.
     * It is the position in the superblocks, which is 0 while writes may be in progress.
     */
    static String resyncStart(Superblock superblock) {
        return superblock.resyncOffset().isInSync() ? "none" : Long.toString(superblock.resyncOffsetSectors());
    }

    private static String describe(@Nullable Member member) {
        if (member == null) {
            return "missing";
        }
        DeviceState state = member.inSync() ? DeviceState.IN_SYNC : DeviceState.REBUILDING;
        return state.text() + " " + member.name();
    }

    /** Why the array can't be written any more; empty if it can. Never waits. */
    static String trouble(ArrayParts parts, ArrayEngine engine) {
        if (parts.members().isBroken()) {
            return parts.members().whyBroken() + "; nothing is written any more";
        }
        return engine.journalTrouble();
    }

    /** md's array_state; {@code broken} exists since Linux 5.4. */
    private static String arrayState(ArrayParts parts, ArrayEngine engine) {
        if (parts.members().isBroken()) {
            return "broken";
        }
        return engine.state();
    }
}

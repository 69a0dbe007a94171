package io.mdfuse.raid.array;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.copies.CopyCounts;
import io.mdfuse.raid.copies.CopyLevel;
import io.mdfuse.raid.copies.CopySource;
import io.mdfuse.raid.statistics.MemberFigures;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Superblock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The status of an array without parity. It is read-only, so nothing of it changes.
 *
 * @param sources by slot the member; null for a slot without one
 */
record CopiesStatus(CopyPolicy.Accepted accepted, List<@Nullable CopySource> sources) implements ArrayStatus {
    @Override
    public int degraded() {
        return accepted.assembly().missingSlots().size();
    }

    @Override
    public int failuresLeft() {
        return accepted.failuresLeft();
    }

    @Override
    public String trouble() {
        return "";
    }

    @Override
    public Map<String, String> attributes() {
        Superblock superblock = accepted.assembly().reference();
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("array_state", "readonly");
        attributes.put("array_trouble", "none");
        attributes.put("level", accepted.level().mdName());
        attributes.put("layout", accepted.layout().mdName());
        if (accepted.level() == CopyLevel.RAID10) {
            int slots = superblock.raidDisks();
            int perSet = CopyCounts.of(superblock.layout()).farSetSize(slots);
            if (perSet != slots) {
                attributes.put("devices_per_set", Integer.toString(perSet));
            }
        }
        attributes.put("chunk_size", Long.toString(Sectors.toBytes(superblock.chunkSectors())));
        attributes.put("logical_block_size", Integer.toString(superblock.logicalBlockBytes()));
        attributes.put("raid_disks", Integer.toString(superblock.raidDisks()));
        attributes.put("reshape_position", "none");
        attributes.put("degraded", Integer.toString(degraded()));
        attributes.put(
                "consistency_policy",
                accepted.level().keepsCopies()
                        ? ConsistencyPolicy.of(superblock).mdName()
                        : "none");
        attributes.put(
                "feature_map", String.format(Locale.ROOT, "0x%x", superblock.featureMap() & ~Features.PER_DEVICE));
        attributes.put("journal_mode", "none");
        attributes.put("events", Long.toString(superblock.events()));
        attributes.put("uuid", superblock.setUuidText());
        attributes.put("name", superblock.setName());
        attributes.put("creation_time", Long.toString(superblock.ctimeSeconds()));
        attributes.put("update_time", Long.toString(superblock.utimeSeconds()));
        if (accepted.level().keepsCopies()) {
            attributes.put("component_size", Long.toString(superblock.usedSectors() / 2));
        }
        attributes.put("metadata_version", superblock.metadataVersion().text());
        superblock.preferredMinor().ifPresent(minor -> attributes.put("preferred_minor", Integer.toString(minor)));
        attributes.put("resync_start", ArrayAttributes.resyncStart(superblock));
        attributes.put("sync_action", "idle");
        attributes.put("sync_completed", "none");
        new ReadOnlyDevices(accepted.assembly(), slot -> slot < sources.size() && sources.get(slot) != null)
                .describe(attributes);
        for (int slot = 0; slot < sources.size(); slot++) {
            CopySource source = sources.get(slot);
            attributes.put("rd" + slot, source == null ? "missing" : describe(source));
        }
        return attributes;
    }

    @Override
    public List<MemberFigures> memberFigures() {
        return sources.stream()
                .filter(Objects::nonNull)
                .map(CopySource::member)
                .map(member -> member.traffic().figures(member.slot(), member.name()))
                .toList();
    }

    private static String describe(CopySource source) {
        DeviceState state = source.member().inSync() ? DeviceState.IN_SYNC : DeviceState.REBUILDING;
        return state.text() + " " + source.member().name();
    }

    @Override
    public void set(String name, String value) throws ArrayRefusedException {
        if (attributes().containsKey(name) || name.equals("member_command")) {
            throw RefusedWrites.refused();
        }
        throw new UnsupportedOperationException(name + " can't be set");
    }
}

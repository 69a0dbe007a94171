package io.mdfuse.raid.array;

import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.FoundDevice;
import java.util.ArrayList;
import java.util.List;

/**
 * What is known to be unreadable on a device before any read: the sectors that are missing at the end of a device that
 * is cut short, and what was not read when its image was made.
 */
record UnreadableSectors(ShortDevices shortDevices) {
    /** True if the device has unreadable parts. */
    boolean isIn(FoundDevice member) {
        return shortDevices.missingSectors(member) > 0
                || !member.device().unreadable().isEmpty();
    }

    /** The list, and in addition what is unreadable. A sector counts if a byte of it does. */
    BadBlocks with(FoundDevice member, BadBlocks listed) {
        List<BadRange> all = new ArrayList<>(listed.ranges());
        long missing = shortDevices.missingSectors(member);
        if (missing > 0) {
            all.add(new BadRange(member.superblock().dataOffsetSectors() + member.roomSectors(), missing));
        }
        for (ByteRanges.Range hole : member.device().unreadable().list()) {
            long from = Sectors.floorFromBytes(hole.startBytes());
            all.add(new BadRange(from, Sectors.roundUp(hole.endBytes(), Sectors.BYTES) / Sectors.BYTES - from));
        }
        return BadBlocks.unlimited(all);
    }
}

package io.mdfuse.raid.array;

import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.FoundDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known to be unreadable on a device before any read, of the sectors in which the array stores its content: the
 * sectors that are missing at the end of a device that is cut short, and what was not read when its image was made. A
 * hole outside of these sectors costs the array nothing.
 */
record UnreadableSectors(ShortDevices shortDevices) {
    /** True if the device has unreadable parts in what the array stores on it. */
    boolean isIn(FoundDevice member) {
        return shortDevices.missingSectors(member) > 0 || !holes(member).isEmpty();
    }

    /** The holes in what the array stores on the device, counted from the start of its data. */
    private ByteRanges holes(FoundDevice member) {
        return member.device()
                .unreadable()
                .within(
                        Sectors.toBytes(member.superblock().dataOffsetSectors()),
                        Sectors.toBytes(shortDevices.neededSectors(member)));
    }

    /** The list, and in addition what is unreadable. A sector counts if a byte of it does. */
    BadBlocks with(FoundDevice member, BadBlocks listed) {
        List<BadRange> all = new ArrayList<>(listed.ranges());
        long data = member.superblock().dataOffsetSectors();
        long missing = shortDevices.missingSectors(member);
        if (missing > 0) {
            all.add(new BadRange(data + member.roomSectors(), missing));
        }
        for (ByteRanges.Range hole : holes(member).list()) {
            long from = Sectors.floorFromBytes(hole.startBytes());
            all.add(new BadRange(data + from, Sectors.roundUp(hole.endBytes(), Sectors.BYTES) / Sectors.BYTES - from));
        }
        return BadBlocks.unlimited(all);
    }

    /** A line about the holes that cost nothing, if the device has such. */
    Optional<String> outside(FoundDevice member) {
        long bytes = member.device().unreadable().totalBytes() - holes(member).totalBytes();
        return bytes == 0
                ? Optional.empty()
                : Optional.of(member.name() + ": " + bytes + " bytes that were not read lie outside of the array's"
                        + " data: nothing of its content is lost by them");
    }
}

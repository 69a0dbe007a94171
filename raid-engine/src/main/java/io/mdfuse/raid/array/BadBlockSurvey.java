package io.mdfuse.raid.array;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.RecoveryPosition;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which of the blocks that members list as bad can be solved from parity. A block can't be solved if too many
 * members of its stripe list the block or are missing. The reading path finds that out block by block; this class knows
 * it before the first read, so that the mount can warn the user.
 *
 * <p>It works by intervals of stripes: the ends of all listed ranges divide the members into intervals, and within one
 * interval the same slots are lost in every stripe.
 */
final class BadBlockSurvey {
    /**
     * The member of a slot.
     *
     * @param blocks the member's list; null for a slot without a member
     * @param dataOffsetSectors the start of the member's data area; the list counts sectors from the start of the
     *     device
     * @param recovery which stripes of the member are rebuilt
     */
    record Slot(@Nullable BadBlocks blocks, long dataOffsetSectors, RecoveryPosition recovery) {}

    /**
     * An interval of stripes in which more slots are lost than parity can replace.
     *
     * @param byLists true because of the lists: without them, few enough slots would be lost
     */
    private record Lost(long fromSector, long endSector, BitSet slots, boolean byLists) {}

    private final ArrayGeometry geometry;
    private final List<Slot> slots;
    private final List<Lost> lost = new ArrayList<>();

    /** Surveys the lists of all slots, in slot order. */
    BadBlockSurvey(ArrayGeometry geometry, List<Slot> slots) {
        this.geometry = geometry;
        this.slots = List.copyOf(slots);
        Long from = null;
        for (long boundary : boundaries()) {
            if (from != null) {
                int replaceable = geometry.layout().parityCount();
                BitSet lostSlots = lostSlots(from, boundary, true);
                if (lostSlots.cardinality() > replaceable) {
                    boolean byLists = lostSlots(from, boundary, false).cardinality() <= replaceable;
                    lost.add(new Lost(from, boundary, lostSlots, byLists));
                }
            }
            from = boundary;
        }
    }

    private NavigableSet<Long> boundaries() {
        NavigableSet<Long> boundaries = new TreeSet<>();
        for (Slot slot : slots) {
            if (slot.blocks() != null) {
                boundaries.add(slot.recovery().heldSectors(geometry.memberSectors()));
                for (BadRange range : slot.blocks().ranges()) {
                    addClamped(boundaries, start(slot, range));
                    addClamped(boundaries, end(slot, range));
                }
            }
        }
        return boundaries;
    }

    private void addClamped(Collection<Long> boundaries, long sector) {
        boundaries.add(Math.clamp(sector, 0, geometry.memberSectors()));
    }

    private static long start(Slot slot, BadRange range) {
        return Math.max(0, range.sector() - slot.dataOffsetSectors());
    }

    private static long end(Slot slot, BadRange range) {
        return Math.max(0, range.endSector() - slot.dataOffsetSectors());
    }

    private BitSet lostSlots(long fromSector, long endSector, boolean withLists) {
        BitSet lostSlots = new BitSet();
        for (int number = 0; number < slots.size(); number++) {
            Slot slot = slots.get(number);
            BadBlocks blocks = slot.blocks();
            lostSlots.set(
                    number,
                    blocks == null
                            || !slot.recovery().hasPassed(endSector)
                            || (withLists
                                    && blocks.overlaps(slot.dataOffsetSectors() + fromSector, endSector - fromSector)));
        }
        return lostSlots;
    }

    /** How many of the sectors that the slot's member lists can't be solved from parity. */
    long lostSectors(int slot) {
        long sectors = 0;
        for (Lost stripes : lost) {
            sectors += listedWithin(slots.get(slot), stripes.fromSector(), stripes.endSector());
        }
        return sectors;
    }

    private static long listedWithin(Slot slot, long fromSector, long endSector) {
        return slot.blocks() == null
                ? 0
                : slot.blocks()
                        .sectorsWithin(slot.dataOffsetSectors() + fromSector, slot.dataOffsetSectors() + endSector);
    }

    /** The list of the slot's member, without the blocks that parity can't replace. */
    BadBlocks replaceable(int slot) {
        Slot member = slots.get(slot);
        BadBlocks kept = BadBlocks.unlimited(
                member.blocks() == null ? List.of() : member.blocks().ranges());
        for (Lost stripes : lost) {
            kept.remove(member.dataOffsetSectors() + stripes.fromSector(), stripes.endSector() - stripes.fromSector());
        }
        return kept;
    }

    /**
     * True if nothing is lost because of the lists. Stripes of which too many members are missing do not count.
     */
    boolean allReplaceable() {
        return lost.stream().noneMatch(Lost::byLists);
    }

    /**
     * The first ranges of the volume that are lost because of the lists: their lengths in bytes by their offsets,
     * ascending.
     *
     * @param most the largest number of ranges
     */
    Map<Long, Long> lostVolumeRanges(int most) {
        TreeMap<Long, Long> lengthByOffset = new TreeMap<>();
        for (Lost stripes : lost.stream().filter(Lost::byLists).toList()) {
            long sector = stripes.fromSector();
            while (sector < stripes.endSector()) {
                long row = geometry.rowOfStripe(sector);
                long end = Math.min(stripes.endSector(), (row + 1) * geometry.chunkSectors());
                for (int slot : stripes.slots().stream().toArray()) {
                    int dataIndex = geometry.dataIndex(row, slot);
                    if (dataIndex >= 0) {
                        put(lengthByOffset, geometry.arraySectorOf(sector, dataIndex), end - sector);
                    }
                }
                if (lengthByOffset.size() > most && sector > stripes.fromSector()) {
                    break;
                }
                sector = end;
            }
        }
        while (lengthByOffset.size() > most) {
            lengthByOffset.pollLastEntry();
        }
        return lengthByOffset;
    }

    private static void put(NavigableMap<Long, Long> lengthByOffset, long arraySector, long sectors) {
        long from = Sectors.toBytes(arraySector);
        long length = Sectors.toBytes(sectors);
        Map.Entry<Long, Long> before = lengthByOffset.lowerEntry(from);
        if (before != null && before.getKey() + before.getValue() == from) {
            lengthByOffset.put(before.getKey(), before.getValue() + length);
        } else {
            lengthByOffset.put(from, length);
        }
    }
}

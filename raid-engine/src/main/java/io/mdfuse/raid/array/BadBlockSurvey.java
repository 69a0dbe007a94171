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
 * Which of the blocks that members list as bad parity can replace, and which not, because other members list, or lack,
 * the same stripes. It lives apart from the reading path, which finds out block by block: here it is known before the
 * first read, so that the mount can say it.
 *
 * <p>Stripes are told apart by interval: between two neighbouring ends of ranges all stripes lack the same slots.
 */
final class BadBlockSurvey {
    /**
     * What one slot has.
     *
     * @param blocks the member's list; null for a slot without a member
     * @param dataOffsetSectors where the member's data starts
     * @param recovery which stripes the member holds
     */
    record Slot(@Nullable BadBlocks blocks, long dataOffsetSectors, RecoveryPosition recovery) {}

    /**
     * Stripes from one to another of which more slots are lost than parity can replace.
     *
     * @param byLists true if they would not be without the lists: the members that are missing are not too many by
     *     themselves
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
                BitSet gone = gone(from, boundary, true);
                if (gone.cardinality() > replaceable) {
                    boolean byLists = gone(from, boundary, false).cardinality() <= replaceable;
                    lost.add(new Lost(from, boundary, gone, byLists));
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
                    addClamped(boundaries, Sectors.roundDown(start(slot, range), Sectors.PER_BLOCK));
                    addClamped(boundaries, Sectors.roundUp(end(slot, range), Sectors.PER_BLOCK));
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

    private BitSet gone(long fromSector, long endSector, boolean withLists) {
        BitSet gone = new BitSet();
        for (int number = 0; number < slots.size(); number++) {
            Slot slot = slots.get(number);
            BadBlocks blocks = slot.blocks();
            gone.set(
                    number,
                    blocks == null
                            || !slot.recovery().hasPassed(endSector)
                            || (withLists
                                    && blocks.overlaps(slot.dataOffsetSectors() + fromSector, endSector - fromSector)));
        }
        return gone;
    }

    /** How many of the sectors that the slot's member lists within the array can't be replaced. */
    long lostSectors(int slot) {
        long sectors = 0;
        for (Lost stripes : lost) {
            sectors += listedWithin(slots.get(slot), stripes.fromSector(), stripes.endSector());
        }
        return sectors;
    }

    private static long listedWithin(Slot slot, long fromSector, long endSector) {
        long sectors = 0;
        for (BadRange range :
                slot.blocks() == null ? List.<BadRange>of() : slot.blocks().ranges()) {
            sectors += Math.max(0, Math.min(end(slot, range), endSector) - Math.max(start(slot, range), fromSector));
        }
        return sectors;
    }

    /** What the slot's member lists, without the blocks that parity can't replace. */
    BadBlocks replaceable(int slot) {
        BadBlocks kept = new BadBlocks(0, Integer.MAX_VALUE);
        Slot member = slots.get(slot);
        for (BadRange range :
                member.blocks() == null ? List.<BadRange>of() : member.blocks().ranges()) {
            kept.add(range.sector(), range.sectors());
        }
        for (Lost stripes : lost) {
            kept.remove(member.dataOffsetSectors() + stripes.fromSector(), stripes.endSector() - stripes.fromSector());
        }
        return kept;
    }

    /**
     * True if no list costs anything: parity can replace all that is listed, as far as enough members are there at all.
     */
    boolean allReplaceable() {
        return lost.stream().noneMatch(Lost::byLists);
    }

    /**
     * The first bytes of the volume that are lost because of the lists, ascending, by their offsets and with their
     * lengths: at most so many ranges, and none where parity alone is lost.
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

package io.mdfuse.raid.copies;

import io.mdfuse.raid.geometry.StripeOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * RAID-0. Members may differ in size, so the volume has zones (Linux {@code create_strip_zones}): the first zone has a
 * chunk of each member in every row, until the smallest member is full; the next zone goes on with those members that
 * have more, until the smallest of these is full; and so on.
 *
 * <pre>
 *   slot 0  ██████████                     zone 0: 3 members
 *   slot 1  ██████████████████████         zone 1: slots 1 and 2, from the end of slot 0 on
 *   slot 2  ██████████████████████████     zone 2: slot 2
 * </pre>
 *
 * In a zone the members take turns by chunk number, and there are two ways to count it. Up to Linux 3.13 (layout 1,
 * "original") the number counted from the start of the volume, since Linux 3.14 (layout 2, "alternate") from the start
 * of the zone. With one zone both are the same. The row counts from the start of the zone in both.
 */
final class StripedZones implements CopyLayout {
    /**
     * @param startSector the zone's first sector in the volume
     * @param endSector its end there
     * @param memberStart where the zone begins on each of its members
     * @param slots the members that have a part of it, ascending
     */
    private record Zone(long startSector, long endSector, long memberStart, List<Integer> slots) {}

    private final List<Zone> zones = new ArrayList<>();
    private final long chunkSectors;
    private final StripeOrder order;
    private final long volumeSectors;

    /**
     * @param memberSectors by slot the sectors that each member has for data, at least a chunk
     * @param chunkSectors any number from 1 on; md does not ask for a power of two here
     */
    StripedZones(List<Long> memberSectors, long chunkSectors, StripeOrder order) {
        this.chunkSectors = chunkSectors;
        this.order = order;
        this.volumeSectors = memberSectors.stream()
                .mapToLong(sectors -> masked(sectors - sectors % chunkSectors, chunkSectors))
                .sum();
        List<Long> usable = memberSectors.stream()
                .map(sectors -> sectors - sectors % chunkSectors)
                .toList();
        long volumeSector = 0;
        long memberSector = 0;
        while (true) {
            long from = memberSector;
            List<Integer> slots = IntStream.range(0, usable.size())
                    .filter(slot -> usable.get(slot) > from)
                    .boxed()
                    .toList();
            if (slots.isEmpty()) {
                return;
            }
            memberSector = slots.stream().mapToLong(usable::get).min().orElseThrow();
            long endSector = volumeSector + (memberSector - from) * slots.size();
            zones.add(new Zone(volumeSector, endSector, from, slots));
            volumeSector = endSector;
        }
    }

    /** How many zones members of these sizes make. */
    static long zoneCount(List<Long> memberSectors, long chunkSectors) {
        return memberSectors.stream()
                .map(sectors -> sectors / chunkSectors)
                .distinct()
                .count();
    }

    /**
     * What a member adds to the size of the volume. md rounds with a mask that fits powers of two only, so with any
     * other chunk the volume may end some sectors before its last chunk does (Linux {@code raid0_size}).
     */
    private static long masked(long sectors, long chunkSectors) {
        return sectors & -chunkSectors;
    }

    @Override
    public long volumeSectors() {
        return volumeSectors;
    }

    @Override
    public CopyExtent extentAt(long volumeSector) {
        Zone zone = zoneOf(volumeSector);
        int members = zone.slots().size();
        long inZone = volumeSector - zone.startSector();
        long inChunk = inZone % chunkSectors;
        long row = inZone / (chunkSectors * members);
        long turn = (order == StripeOrder.ORIGINAL ? volumeSector : inZone) / chunkSectors % members;
        long memberSector = zone.memberStart() + row * chunkSectors + inChunk;
        return new CopyExtent(
                Math.min(chunkSectors - inChunk, volumeSectors - volumeSector),
                List.of(new CopyPlace(zone.slots().get((int) turn), memberSector)));
    }

    private Zone zoneOf(long volumeSector) {
        int number = 0;
        while (zones.get(number).endSector() <= volumeSector) {
            number++;
        }
        return zones.get(number);
    }

    @Override
    public Set<List<Integer>> slotSets() {
        return zones.getFirst().slots().stream().map(List::of).collect(Collectors.toSet());
    }

    @Override
    public String mdName() {
        return order.mdName();
    }
}

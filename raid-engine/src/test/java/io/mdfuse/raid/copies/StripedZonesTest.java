package io.mdfuse.raid.copies;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.raid.geometry.StripeOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A RAID-0 and a linear array of members with 3, 7 and 5 chunks and a rest that is no whole chunk. */
class StripedZonesTest {
    private static final long CHUNK = 8;
    private static final List<Long> SIZES = List.of(3 * CHUNK + 5, 7 * CHUNK + 1, 5 * CHUNK);

    /** The slot and the member's chunk of every chunk of the volume. */
    private static String places(CopyLayout layout) {
        List<String> all = new ArrayList<>();
        for (long sector = 0; sector < layout.volumeSectors(); sector += CHUNK) {
            CopyPlace place = layout.extentAt(sector + 1).places().getFirst();
            assertEquals(1, place.memberSector() % CHUNK);
            all.add(place.slot() + ":" + place.memberSector() / CHUNK);
        }
        return String.join(" ", all);
    }

    @Test
    void theAlternateOrderCountsInEachZone() {
        assertEquals(
                "0:0 1:0 2:0 0:1 1:1 2:1 0:2 1:2 2:2 1:3 2:3 1:4 2:4 1:5 1:6",
                places(new StripedZones(SIZES, CHUNK, StripeOrder.ALTERNATE)));
    }

    @Test
    void theOriginalOrderCountsFromTheStartOfTheVolume() {
        assertEquals(
                "0:0 1:0 2:0 0:1 1:1 2:1 0:2 1:2 2:2 2:3 1:3 2:4 1:4 1:5 1:6",
                places(new StripedZones(SIZES, CHUNK, StripeOrder.ORIGINAL)));
    }

    @Test
    void zonesAreCountedInWholeChunks() {
        assertEquals(3, StripedZones.zoneCount(SIZES, CHUNK));
        assertEquals(1, StripedZones.zoneCount(List.of(16L, 23L, 17L), CHUNK));
        assertEquals(48, new StripedZones(List.of(16L, 23L, 17L), CHUNK, StripeOrder.ORIGINAL).volumeSectors());
    }

    /** A chunk of 12 KiB: md masks the sizes with 23, which is no whole number of chunks. */
    @Test
    void aChunkThatIsNoPowerOfTwoCostsTheEnd() {
        StripedZones zones = new StripedZones(List.of(1952L, 3952L, 2952L), 24, StripeOrder.ORIGINAL);
        assertEquals(8816, zones.volumeSectors());
        assertEquals(8, zones.extentAt(8808).sectors());
    }

    @Test
    void linearRoundsEachMemberToTheChunk() {
        Concatenation rounded = new Concatenation(SIZES, CHUNK);
        assertEquals("0:0 0:1 0:2 1:0 1:1 1:2 1:3 1:4 1:5 1:6 2:0 2:1 2:2 2:3 2:4", places(rounded), "with a chunk");
        Concatenation plain = new Concatenation(SIZES, 0);
        assertEquals(3 * CHUNK + 5 + 7 * CHUNK + 1 + 5 * CHUNK, plain.volumeSectors());
        CopyExtent last = plain.extentAt(3 * CHUNK + 5);
        assertEquals(new CopyExtent(7 * CHUNK + 1, List.of(new CopyPlace(1, 0))), last);
    }
}

package io.mdfuse.raid.stripe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.superblock.ResyncOffset;
import java.util.BitSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The stripes whose parity is trusted while a resync runs. */
class SyncPositionTest {
    private static final int STRIPES = 12;

    @Test
    void withoutRegionsAllBehindThePositionIsInDoubt() {
        SyncPosition position = new SyncPosition(ResyncOffset.at(16));
        assertTrue(position.trustsParity(new StripeRange(0, 16)));
        assertFalse(position.trustsParity(new StripeRange(0, 24)));
        assertFalse(position.trustsParity(new StripeRange(800, 808)));
        assertEquals(16, position.nextInDoubt());
        position.nowInSync();
        assertTrue(position.trustsParity(new StripeRange(0, 1L << 40)));
    }

    /**
     * Every set of dirty regions of a small member, regions longer and shorter than a stripe, every range, every
     * position.
     */
    @Test
    void onlyDirtyRegionsBehindThePositionAreInDoubt() {
        for (int regionSectors : new int[] {4, 8, 24}) {
            int regions = STRIPES * 8 / regionSectors;
            for (int bits = 0; bits < 1 << Math.min(regions, 6); bits++) {
                BitSet dirty = BitSet.valueOf(new long[] {bits});
                for (int at = 0; at <= STRIPES * 8; at += 8) {
                    check(
                            new SyncPosition(ResyncOffset.at(at), new DirtyRegions(regionSectors, dirty)),
                            at,
                            regionSectors,
                            dirty);
                }
            }
        }
    }

    private static void check(SyncPosition position, int at, int regionSectors, BitSet dirty) {
        for (int from = 0; from < STRIPES * 8; from += 8) {
            for (int end = from + 8; end <= STRIPES * 8; end += 8) {
                boolean doubt = false;
                for (int sector = Math.max(from, at); sector < end; sector++) {
                    doubt |= dirty.get(sector / regionSectors);
                }
                assertEquals(
                        !doubt,
                        position.trustsParity(new StripeRange(from, end)),
                        from + " to " + end + " at " + at + " " + dirty);
            }
        }
    }

    /** The resync visits each stripe of a dirty region once, and no other. */
    @Test
    void theResyncVisitsTheStripesInDoubt() {
        for (int regionSectors : new int[] {4, 8, 24}) {
            for (int bits = 0; bits < 64; bits++) {
                BitSet dirty = BitSet.valueOf(new long[] {bits});
                TreeSet<Integer> expected = new TreeSet<>();
                for (int sector = 0; sector < STRIPES * 8; sector++) {
                    if (dirty.get(sector / regionSectors)) {
                        expected.add(sector / 8);
                    }
                }
                SyncPosition position = new SyncPosition(ResyncOffset.at(0), new DirtyRegions(regionSectors, dirty));
                TreeSet<Integer> met = new TreeSet<>();
                for (long at = position.nextInDoubt(); at < STRIPES * 8; at = position.nextInDoubt()) {
                    long end = Math.min(position.endOfDoubt(at), STRIPES * 8);
                    for (long stripe = at; stripe < end; stripe += 8) {
                        assertTrue(met.add((int) (stripe / 8)));
                    }
                    position.moveTo(end);
                }
                assertEquals(expected, met, "regions of " + regionSectors + " sectors: " + dirty);
            }
        }
    }

    /** Stripes written since are trusted before the resync has passed them, and no others are. */
    @Test
    void stripesThatWereWrittenAreTrusted() {
        long far = 8L * 32 * 1024;
        SyncPosition position = new SyncPosition(ResyncOffset.at(16));
        position.noteParityMade(new StripeRange(24, 40));
        position.noteParityMade(new StripeRange(far - 8, far + 16));
        assertTrue(position.trustsParity(new StripeRange(24, 40)));
        assertTrue(position.trustsParity(new StripeRange(far - 8, far + 16)), "across a page boundary");
        assertFalse(position.hasPassed(new StripeRange(24, 32)));
        assertFalse(position.trustsParity(new StripeRange(16, 32)));
        assertFalse(position.trustsParity(new StripeRange(32, 48)));
        assertFalse(position.trustsParity(new StripeRange(far - 16, far)));
        assertEquals(16, position.nextInDoubt(), "the resync makes them again");
        position.moveTo(far + 8);
        assertTrue(position.trustsParity(new StripeRange(16, far + 16)), "in part passed, in part written");
        assertFalse(position.trustsParity(new StripeRange(16, far + 24)));
    }

    /** A stripe that the resync could not read stays in doubt behind it, until a write makes its parity. */
    @Test
    void skippedStripesAreInDoubtUntilTheyAreWritten() {
        SyncPosition position = new SyncPosition(ResyncOffset.at(0));
        position.moveTo(16);
        position.skip(16);
        position.skip(40);
        position.moveTo(64);
        assertEquals(16, position.storedOffset().stripeSector());
        assertEquals(64, position.reached().stripeSector());
        assertTrue(position.trustsParity(new StripeRange(0, 16)));
        assertTrue(position.trustsParity(new StripeRange(24, 40)));
        assertFalse(position.trustsParity(new StripeRange(8, 24)));
        assertFalse(position.hasPassed(new StripeRange(40, 48)));
        assertFalse(position.trustsParity(new StripeRange(48, 72)));
        position.noteParityMade(new StripeRange(64, 72));
        assertTrue(position.trustsParity(new StripeRange(48, 72)));
        assertFalse(position.trustsParity(new StripeRange(40, 72)), "one of them was skipped");
        position.noteParityMade(new StripeRange(16, 24));
        assertTrue(position.hasPassed(new StripeRange(8, 32)));
        assertEquals(40, position.storedOffset().stripeSector());
        position.noteParityMade(new StripeRange(32, 48));
        assertFalse(position.hasSkipped());
        assertEquals(64, position.storedOffset().stripeSector());
    }
}

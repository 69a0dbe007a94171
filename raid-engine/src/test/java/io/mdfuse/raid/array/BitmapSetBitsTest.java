package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Survival;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The attribute bitmap_set_bits: the bits that it sets last until the next mount has resynced their chunks. One bit
 * covers one stripe.
 */
class BitmapSetBitsTest {
    private static final PolicyShape SHAPE =
            new PolicyShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 8, Features.BITMAP, Superblock.IN_SYNC);

    private static final int STRIPE_SECTORS = 8;

    private final CrashTrace trace = CrashTrace.recording();
    private final ManualTimer timer = new ManualTimer();
    private final List<CrashDisk> disks;

    BitmapSetBitsTest() throws IOException {
        disks = SHAPE.create(trace);
    }

    private static void write(RaidArray array, long offsetBytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            array.write(offsetBytes, arena.allocate(4096).fill((byte) 7));
        }
    }

    private static void assertBits(List<CrashDisk> members, int... bits) throws IOException {
        BitSet expected = new BitSet();
        for (int bit : bits) {
            expected.set(bit);
        }
        for (CrashDisk disk : members) {
            assertEquals(expected, SHAPE.bits(disk), disk.name());
        }
    }

    private static void corrupt(CrashDisk disk, int stripe) throws IOException {
        byte[] junk = new byte[4096];
        junk[5] = 1;
        PolicyShape.write(disk, PolicyShape.DATA_OFFSET_SECTORS + (long) STRIPE_SECTORS * stripe, junk, 4096);
    }

    /** Bits and the resync offset are on the media when the command returns, if power fails right then. */
    @Test
    void theBitsAreDurableAtOnce() throws IOException {
        RaidArray array = PolicyShape.open(disks, timer);
        array.setAttribute("bitmap_set_bits", "2 4-5");
        List<CrashDisk> crashed = trace.crashNow(new Survival.None(), CrashTrace.notRecording());
        assertBits(crashed, 2, 4, 5);
        assertEquals(2 * STRIPE_SECTORS, Superblocks.resyncOffset(crashed));
        array.close();
    }

    /** Neither ticks, nor writes to the same chunk, nor the stop clear a bit; the next mount resyncs these alone. */
    @Test
    void theNextMountResyncsTheChunksAndClearsTheBits() throws IOException {
        RaidArray array = PolicyShape.open(disks, timer);
        array.setAttribute("bitmap_set_bits", "4");
        array.setAttribute("bitmap_set_bits", "2");
        timer.pass(60_000);
        assertBits(disks, 2, 4);
        write(array, 0);
        write(array, 4 * 2 * 4096);
        timer.pass(60_000);
        assertBits(disks, 2, 4);
        assertEquals("clean", Rebuilds.attribute(array, "array_state"));
        array.close();
        assertBits(disks, 2, 4);
        assertEquals(2 * STRIPE_SECTORS, Superblocks.resyncOffset(disks));

        List<CrashDisk> later = CrashDisk.onTrace(disks, CrashTrace.notRecording());
        corrupt(later.getFirst(), 4);
        corrupt(later.getFirst(), 6);
        PolicyShape.open(later, new ManualTimer()).close();
        assertEquals(6 * STRIPE_SECTORS, SHAPE.wrongParity(later), "stripe 4 is resynced, stripe 6 is not read");
        assertBits(later);
        assertEquals(Superblock.IN_SYNC, Superblocks.resyncOffset(later));
    }

    /** The first chunk: the superblocks say dirty, and only the chunk with the bit is resynced. */
    @Test
    void theFirstChunkIsResyncedToo() throws IOException {
        RaidArray array = PolicyShape.open(disks, timer);
        array.setAttribute("bitmap_set_bits", "0");
        write(array, 4096);
        array.setAttribute("array_state", "clean");
        array.close();
        List<CrashDisk> later = CrashDisk.onTrace(disks, CrashTrace.notRecording());
        corrupt(later.getFirst(), 0);
        PolicyShape.open(later, new ManualTimer()).close();
        assertEquals(-1, SHAPE.wrongParity(later));
        assertBits(later);
        assertEquals(Superblock.IN_SYNC, Superblocks.resyncOffset(later));
    }

    /** Parity can't be made without the member, so the array stays clean; the bits wait for its return. */
    @Test
    void withAMemberMissingTheBitsSayWhatAReAddCopies() throws IOException {
        List<CrashDisk> two = disks.subList(0, 2);
        RaidArray array =
                PolicyShape.open(two, timer, AssembleOptions.defaults().withRun(true));
        array.setAttribute("bitmap_set_bits", "3");
        timer.pass(60_000);
        array.close();
        assertBits(two, 3);
        assertEquals(Superblock.IN_SYNC, Superblocks.resyncOffset(two));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "", "0 x", "4-3", "16", "3 0-16", "-1", "999999999"})
    void aWrongValueSetsNoBit(String value) throws IOException {
        RaidArray array = PolicyShape.open(disks, timer);
        assertThrows(IllegalArgumentException.class, () -> array.setAttribute("bitmap_set_bits", value));
        assertBits(disks);
        array.close();
        assertEquals(Superblock.IN_SYNC, Superblocks.resyncOffset(disks));
    }

    @Test
    void anArrayWithoutABitmapDoesNotOfferIt() throws IOException {
        PolicyShape other = new PolicyShape(SHAPE.layout(), 3, 16, 8, Features.PPL, Superblock.IN_SYNC);
        RaidArray array = PolicyShape.open(other.create(CrashTrace.notRecording()), timer);
        assertThrows(NotOfferedException.class, () -> array.setAttribute("bitmap_set_bits", "0"));
        array.close();
    }
}

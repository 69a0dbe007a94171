package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.sync.Resync;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A member dies at the nth of its I/Os while parity is resynced after a crash that left one stripe half written. A read
 * of its blocks returns correct content, or an error in stripes that the resync has not reached; content that is
 * written from then on reads back in every stripe.
 */
class ResyncFailureTest {
    private static final int BLOCK = 4096;

    /** With a spare, the member dies at every third of its I/Os; each opening waits for a rebuild. */
    private static final int SPARE_STEP = 3;

    static Stream<ArrayShape> shapes() {
        return Stream.of(
                new ArrayShape(ParityLayout.RAID4, 3, 8, 6, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 6, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 5, 40, 0, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 6, 40, 0, true),
                new ArrayShape(ParityLayout.DDF_N_RESTART, 6, 8, 6, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 6, 40, 0, true));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void contentThatIsWrittenAfterTheFailureReadsBack(ArrayShape shape) throws IOException {
        int mostLost = 0;
        int opened = 0;
        for (int dying = 0; dying < shape.disks(); dying++) {
            FaultPlan sound = new FaultPlan(1);
            DirtyArray.make(shape, 1).open(dying, sound).close();
            int calls = FaultKind.DIES.calls(sound);
            for (int after = 0; after < calls; after++) {
                DirtyArray dirty = DirtyArray.make(shape, 1);
                RaidArray array;
                try {
                    array = dirty.open(dying, new FaultPlan(1).dieAfter(after));
                } catch (IOException e) {
                    continue;
                }
                opened++;
                String words = "device " + dying + " dies after " + after;
                mostLost = Math.max(mostLost, countUnreadable(dirty, array, dying, words));
                Random random = new Random(9);
                writeBesideTheDead(dirty, array, dying, random);
                countUnreadable(dirty, array, dying, words + ", then others were written");
                byte[] content = dirty.content.clone();
                Rebuilds.write(array, content, 0, content.length, random);
                Rebuilds.assertReads(array, content, words);
                Rebuilds.writeSome(shape, array, content, random);
                array.flush();
                Rebuilds.assertReads(array, content, words);
                array.close();
            }
        }
        assertTrue(opened > 30, opened + " opened");
        assertTrue(mostLost > 0, "nothing was ever in doubt");
    }

    /**
     * A spare takes the place of the member that dies. Blocks that can't be solved for lack of resync stay errors until
     * they are written: the rebuild doesn't give the spare wrong content for them.
     */
    @ParameterizedTest
    @MethodSource("shapes")
    void aSpareStepsInDuringTheResync(ArrayShape shape) throws IOException {
        int mostLost = 0;
        int whole = 0;
        for (int dying = 0; dying < shape.disks(); dying++) {
            DirtyArray dirty = DirtyArray.makeWithSpare(shape, 1, dying % 2 == 1);
            FaultPlan sound = new FaultPlan(1);
            dirty.open(dying, sound).close();
            for (int after = dying % SPARE_STEP; after < FaultKind.DIES.calls(sound); after += SPARE_STEP) {
                List<CrashDisk> disks = Rebuilds.reopened(dirty.disks);
                RaidArray array;
                try {
                    array = shape.open(FaultyDevice.among(disks, dying, new FaultPlan(1).dieAfter(after)));
                } catch (IOException e) {
                    continue;
                }
                String words = "device " + dying + " dies after " + after;
                Rebuilds.awaitSettled(array);
                mostLost = Math.max(mostLost, countUnreadable(dirty, array, dying, words));
                byte[] content = dirty.content.clone();
                Rebuilds.write(array, content, 0, content.length, new Random(9));
                array.flush();
                array.setAttribute("sync_action", "recover");
                Rebuilds.awaitSettled(array);
                Rebuilds.assertReads(array, content, words);
                boolean spareIsIn = Rebuilds.attribute(array, "rd" + dying).equals("in_sync spare");
                if (spareIsIn) {
                    // The array is whole again: the resync has gone on by itself.
                    Rebuilds.awaitWhole(array);
                    assertEquals("none", Rebuilds.attribute(array, "sync_trouble"), words);
                }
                array.close();
                if (spareIsIn) {
                    whole++;
                    checkWithoutTheDead(shape, disks, dying, content, words);
                }
            }
        }
        assertTrue(whole > 10, whole + " rebuilt");
        assertTrue(mostLost > 0, "nothing was ever in doubt");
    }

    private static void checkWithoutTheDead(
            ArrayShape shape, List<CrashDisk> disks, int dying, byte[] content, String words) throws IOException {
        List<CrashDisk> left = Rebuilds.reopened(disks);
        left.set(dying, left.removeLast());
        assertEquals(-1, shape.wrongParity(left), words);
        RaidArray again = shape.open(left);
        assertEquals("0", again.attributes().get("degraded"), words);
        Rebuilds.assertReads(again, content, words + ", opened again");
        again.close();
    }

    /** Writes one block in each stripe, except blocks of the failed member, which can't be solved. */
    private static void writeBesideTheDead(DirtyArray dirty, RaidArray array, int dying, Random random) {
        ArrayGeometry geometry = dirty.shape.geometry();
        for (long row = 0; row < dirty.shape.rows(); row++) {
            int index = geometry.dataSlot(row, 0) == dying ? 1 : 0;
            long stripeSector = row * dirty.shape.chunkSectors();
            int at = (int) Sectors.toBytes(geometry.arraySectorOf(stripeSector, index));
            byte[] before = Arrays.copyOfRange(dirty.content, at, at + BLOCK);
            try {
                Rebuilds.write(array, dirty.content, at, BLOCK, random);
            } catch (IOException e) {
                // The array had not noticed the failure yet, and needed the member's block for parity: nothing was
                // written.
                System.arraycopy(before, 0, dirty.content, at, BLOCK);
            }
        }
    }

    private static int countUnreadable(DirtyArray dirty, RaidArray array, int dying, String words) {
        ArrayGeometry geometry = dirty.shape.geometry();
        Set<Integer> unreadable = dirty.unreadable(array, words);
        for (int block : unreadable) {
            long sector = (long) block * Sectors.PER_BLOCK;
            int slot = geometry.dataSlot(geometry.rowOf(sector), geometry.dataIndexOf(sector));
            assertEquals(dying, slot, words + ", block " + block);
        }
        return unreadable.size();
    }

    @Test
    void failingAMemberReportsWhatCannotBeReadForLackOfResync() throws IOException {
        DirtyArray dirty = DirtyArray.make(
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 6, 0, Superblock.IN_SYNC, false), 1);
        RaidArray array = openWithoutResync(Rebuilds.reopened(dirty.disks));
        Rebuilds.write(array, dirty.content, 0, BLOCK, new Random(7));
        String said = MemberOutcomeText.of(Rebuilds.manager(array).fail("disk0", false));
        assertTrue(said.startsWith("disk0 has failed; the resync has come to sector 0 of 48"), said);
        assertTrue(countUnreadable(dirty, array, 0, "failed by command") > 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment first = arena.allocate(BLOCK);
            array.read(0, first);
            assertEquals(-1, first.mismatch(MemorySegment.ofArray(Arrays.copyOf(dirty.content, BLOCK))));
        }
        array.close();
    }

    /**
     * A listed block whose stripe is in doubt: after a write to another block of the stripe its content is still not
     * known, and no solved content is written to it.
     */
    @Test
    void aListedBlockIsNotSolvedFromParityInDoubt() throws IOException {
        DirtyArray dirty = DirtyArray.make(
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 6, 0, Superblock.IN_SYNC, false), 1);
        ArrayGeometry geometry = dirty.shape.geometry();
        CrashDisk listing = dirty.disks.get(geometry.dataSlot(DirtyArray.TORN_ROW, 0));
        long stripeSector = (long) DirtyArray.TORN_ROW * dirty.shape.chunkSectors();
        ListedBlocks.giveLogs(List.of(listing), ArrayShape.DATA_OFFSET_SECTORS);
        ListedBlocks.list(listing, stripeSector);
        RaidArray array = openWithoutResync(Rebuilds.reopened(dirty.disks));
        int listed = (int) Sectors.toBytes(geometry.arraySectorOf(stripeSector, 0));
        int beside = (int) Sectors.toBytes(geometry.arraySectorOf(stripeSector, 2));
        Rebuilds.write(array, dirty.content, beside, BLOCK, new Random(7));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(BLOCK);
            assertThrows(IOException.class, () -> array.read(listed, found));
            Rebuilds.write(array, dirty.content, listed, BLOCK, new Random(8));
            array.read(listed, found);
            assertEquals(
                    -1,
                    found.mismatch(MemorySegment.ofArray(Arrays.copyOfRange(dirty.content, listed, listed + BLOCK))));
        }
        array.close();
    }

    /** Opens the array without its resync, so that every stripe stays in doubt. */
    private static RaidArray openWithoutResync(List<CrashDisk> disks) throws IOException {
        return openHolding(disks, new ArrayList<>());
    }

    /** Opens the array, and returns its resync instead of running it. */
    static RaidArray openHolding(List<? extends BlockDevice> disks, List<Runnable> resyncs) throws IOException {
        ManualTimer timer = new ManualTimer();
        DirectExecutor noResync = new DirectExecutor() {
            @Override
            public void execute(Runnable task) {
                if (task instanceof Resync) {
                    resyncs.add(task);
                } else {
                    super.execute(task);
                }
            }
        };
        return ArrayAssembler.assemble(
                disks, null, AssembleOptions.defaults(), new ArrayRuntime(timer, timer, noResync, new Random(1), 2));
    }
}

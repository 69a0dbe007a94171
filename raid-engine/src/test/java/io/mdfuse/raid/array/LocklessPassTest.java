package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ChunkState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a scrub, a rebuild and the first sync do with chunks of a lockless bitmap that were never written. */
class LocklessPassTest {
    private static final LocklessShape RAID6 =
            new LocklessShape(ParityLayout.forLevel(6).get(2), 5, 16, 1200, 16, 512);
    private static final LocklessShape RAID5 = new LocklessShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 16, 1200, 16, 512);
    private static final int ROW_BYTES = 3 * 16 * 512;
    private static final int MEMBER_BYTES = 1200 * 16 * 512;

    private final CrashTrace trace = CrashTrace.recording();
    private final ManualTimer timer = new ManualTimer();

    private static byte[] member(CrashDisk disk) throws IOException {
        return PolicyShape.read(PolicyShape.reopen(disk), LocklessShape.DATA_OFFSET_SECTORS, MEMBER_BYTES);
    }

    /** P and Q are junk in chunks that were never written; locating the block that lies would name good ones. */
    @ParameterizedTest
    @ValueSource(strings = {"check", "repair", "repair-force"})
    void aScrubComparesOnlyWhatIsSynced(String action) throws IOException {
        List<CrashDisk> disks = RAID6.create(trace);
        RaidArray array = PolicyShape.open(disks, timer);
        LocklessArrayTest.write(array, 0, 4096, 1);
        ScrubRuns.assertFound(ScrubRuns.run(array, action), 0, 0);
        timer.pass(20_000);
        byte[] wrong = new byte[512];
        wrong[7] = 1;
        int slot = RAID6.geometry().dataSlot(0, 1);
        byte[] sound = member(disks.get(slot));
        List<byte[]> before = List.of(member(disks.get(0)), member(disks.get(3)));
        PolicyShape.write(disks.get(slot), LocklessShape.DATA_OFFSET_SECTORS + 8, wrong, 512);
        Map<String, String> found = ScrubRuns.run(array, action);
        ScrubRuns.assertFound(found, 8, action.equals("check") ? 8 : 0);
        array.close();
        if (!action.equals("check")) {
            assertArrayEquals(sound, member(disks.get(slot)));
        }
        assertArrayEquals(before.get(0), member(disks.get(0)));
        assertArrayEquals(before.get(1), member(disks.get(3)));
    }

    /** What was written is on the new member; what was not is zeros there, and no block of another member was read. */
    @Test
    void aRebuildCopiesWhatWasWritten() throws IOException {
        List<CrashDisk> disks = RAID5.create(trace);
        disks.set(1, RAID5.spare(trace));
        RaidArray array =
                PolicyShape.open(disks, timer, AssembleOptions.defaults().withRun(true));
        LocklessArrayTest.write(array, 700L * ROW_BYTES, 4096, 3);
        timer.pass(20_000);
        assertEquals("0", Rebuilds.attribute(array, "degraded"));
        LocklessArrayTest.write(array, 0, 4096, 4);
        timer.pass(20_000);
        array.close();
        byte[] rebuilt = member(disks.get(1));
        byte[] expected = new byte[16 * 512];
        byte[] never = new byte[expected.length];
        System.arraycopy(rebuilt, 5 * never.length, never, 0, never.length);
        assertArrayEquals(expected, never, "the spare's junk is gone");
        assertEquals(-1, RAID5.wrongParity(Rebuilds.reopened(disks)));
        assertEquals(Map.of(ChunkState.UNWRITTEN, 1198, ChunkState.CLEAN, 2), RAID5.counts(disks.getFirst()));
    }

    /** While members are missing, a write solves what it does not cover, and the two parities agree from then on. */
    @Test
    void aWriteToADegradedRaid6SurvivesTheNextLoss() throws IOException {
        List<CrashDisk> disks = RAID6.create(trace);
        disks.remove(1);
        RaidArray array =
                PolicyShape.open(disks, timer, AssembleOptions.defaults().withRun(true));
        for (int row = 0; row < 5; row++) {
            LocklessArrayTest.write(array, (long) row * ROW_BYTES + 512, 1024, 5);
        }
        byte[] content = LocklessArrayTest.read(array, 0, 5 * ROW_BYTES);
        array.close();
        for (int second = 0; second < disks.size(); second++) {
            List<CrashDisk> left = new ArrayList<>(Rebuilds.reopened(disks));
            left.remove(second);
            RaidArray again = PolicyShape.open(
                    left, new ManualTimer(), AssembleOptions.defaults().withRun(true));
            for (int row = 0; row < 5; row++) {
                byte[] found = LocklessArrayTest.read(again, (long) row * ROW_BYTES + 512, 1024);
                byte[] expected = Arrays.copyOfRange(content, row * ROW_BYTES + 512, row * ROW_BYTES + 1536);
                assertArrayEquals(expected, found, "row " + row + " without " + second);
            }
            again.close();
        }
    }

    /** Its parity may be all that is left of the block: the chunk stays as it is until the block is written. */
    @Test
    void aChunkThatCantBeReadIsNotSynced() throws IOException {
        List<CrashDisk> disks = RAID5.create(trace);
        int slot = RAID5.geometry().dataSlot(0, 1);
        FaultPlan plan = new FaultPlan(1).badSectors(LocklessShape.DATA_OFFSET_SECTORS * 512L + 4096, 4096);
        RaidArray array = PolicyShape.open(FaultyDevice.among(disks, slot, plan), timer);
        LocklessArrayTest.write(array, 0, 4096, 1);
        timer.pass(30_000);
        assertEquals(1, RAID5.counts(disks.getFirst()).get(ChunkState.NEED_SYNC));
        LocklessArrayTest.write(array, 8192 + 4096, 4096, 2);
        timer.pass(30_000);
        assertEquals(1, RAID5.counts(disks.getFirst()).get(ChunkState.CLEAN));
        array.close();
        assertEquals(-1, RAID5.wrongParity(disks));
    }

    /** A member that joins an array whose parity was made without data has other content: that parity is forgotten. */
    @Test
    void parityWithoutContentEndsWithARebuild() throws IOException {
        List<CrashDisk> disks = RAID5.create(trace);
        disks.set(1, RAID5.spare(trace));
        for (CrashDisk disk : disks) {
            LocklessShape.put(disk, LocklessShape.STATES + 9, 7);
        }
        RaidArray array =
                PolicyShape.open(disks, timer, AssembleOptions.defaults().withRun(true));
        timer.pass(1_000);
        array.close();
        assertEquals(Map.of(ChunkState.UNWRITTEN, 1200), RAID5.counts(disks.getFirst()));
        assertTrue(Rebuilds.attribute(array, "degraded").equals("0"));
    }

    /** The slot's member goes on to be read meanwhile: parity that a write makes then must fit the replacement too. */
    @Test
    void aReplacementGetsTheContentOfEveryChunk() throws IOException {
        List<CrashDisk> disks = RAID5.create(trace);
        int slot = RAID5.geometry().parityP(700);
        CrashDisk next = RAID5.junk("next", trace);
        RaidArray array = PolicyShape.open(disks, timer);
        LocklessArrayTest.write(array, 0, 4096, 1);
        Rebuilds.manager(array).replaceWithNew(disks.get(slot).name(), next, false);
        LocklessArrayTest.write(array, 300L * ROW_BYTES, 4096, 2);
        timer.pass(20_000);
        array.close();
        byte[] old = member(disks.get(slot));
        byte[] copied = member(next);
        int never = 700 * 16 * 512;
        assertArrayEquals(
                Arrays.copyOfRange(old, never, never + 8192), Arrays.copyOfRange(copied, never, never + 8192));
        disks.set(slot, next);
        assertEquals(-1, RAID5.wrongParity(disks));
        assertEquals(ChunkState.CLEAN, RAID5.states(next).get(300));
    }
}

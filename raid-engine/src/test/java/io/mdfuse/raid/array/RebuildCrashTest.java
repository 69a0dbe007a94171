package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashStates;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Thinning;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Power fails at every event while a member is failed, a new one added and rebuilt, and others replaced, with writes
 * between and during these steps. After each crash no durable byte is lost, and the rebuild continues to its end.
 */
@Execution(ExecutionMode.CONCURRENT)
class RebuildCrashTest {
    static Stream<ArrayShape> shapes() {
        return Stream.of(
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 8, 5, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 5, 24, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.RAID4, 3, 16, 4, 64, Superblock.IN_SYNC, true),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 4, 8, 5, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 4, 40, Superblock.IN_SYNC, true));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void everyCrashLeavesWhatWasSafeAndCanBeRebuilt(ArrayShape shape) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = shape.create(trace);
        CrashDisk added = Rebuilds.blank(shape, "added", trace);
        CrashDisk replacing = Rebuilds.blank(shape, "replacing", trace);
        trace.restart();
        boolean journaled = shape.journalBlocks() > 0;
        VolumeModel model = new VolumeModel(
                trace, shape.geometry().arrayBytes(), journaled ? 4096 : 512, journaled && !shape.writeBack(), 42);
        RaidArray array = shape.open(disks);
        work(shape, array, model, added, replacing);
        array.close();
        long[] refused = new long[1];
        long count = new CrashStates(trace, 2, 1, 17).forEach(new Thinning(5), state -> {
            boolean recovered =
                    RecoveredTwice.check(state, (found, crashedAt) -> recover(shape, model, found, crashedAt));
            refused[0] += recovered ? 0 : 1;
        });
        assertTrue(count > 80, "only " + count + " states");
        assertTrue(journaled ? refused[0] == 0 : refused[0] < count * 3 / 4, refused[0] + " of " + count + " refused");
    }

    private static void work(ArrayShape shape, RaidArray array, VolumeModel model, CrashDisk added, CrashDisk replacing)
            throws IOException {
        int row = (int) (shape.geometry().rowSectors() * 512);
        MemberManager manager = Rebuilds.manager(array);
        model.write(array, 0, row);
        model.write(array, row + 100, 700);
        model.flush(array);
        manager.fail("disk1", false);
        model.write(array, 4096, 4096);
        model.write(array, 2L * row, row);
        manager.remove("disk1");
        // Before the rebuild reaches the new member's nth range, requests write to rows that it passed and that it did
        // not.
        int[] ranges = new int[1];
        HookedDevice hooked = new HookedDevice(added, () -> {
            int passing = ranges[0]++;
            for (int other = 0; other < shape.rows(); other++) {
                if (other != passing) {
                    model.write(array, (long) other * row + 4096L * (passing % 2), 512);
                }
            }
            model.flush(array);
        });
        hooked.arm(24 * 512);
        manager.add(hooked, false);
        hooked.disarm();
        assertEquals(shape.rows(), ranges[0]);
        assertEquals("in_sync added", array.attributes().get("rd1"));
        model.write(array, row, row);
        model.flush(array);
        manager.replaceWithNew("disk0", replacing, false);
        assertEquals("in_sync replacing", array.attributes().get("rd0"));
        model.write(array, 700, 3000);
        model.write(array, 3L * row, 4096);
        model.flush(array);
    }

    /** Returns false if the array may be refused: dirty and degraded, without a journal. */
    private static boolean recover(ArrayShape shape, VolumeModel model, List<CrashDisk> disks, int crashedAt)
            throws IOException {
        RaidArray array;
        try {
            array = shape.open(usable(shape, disks), true);
        } catch (ArrayRefusedException e) {
            if (e.reason() == ArrayRefusedException.Reason.UNSAFE && shape.journalBlocks() == 0) {
                return false;
            }
            throw e;
        }
        model.check(array, crashedAt);
        array.close();
        return true;
    }

    /** Opens the array as a user does: without devices that have no superblock, or that a message calls stale. */
    private static List<CrashDisk> usable(ArrayShape shape, List<CrashDisk> disks) throws IOException {
        List<CrashDisk> usable = Superblocks.on(disks);
        assertTrue(usable.size() >= shape.disks());
        return usable;
    }
}

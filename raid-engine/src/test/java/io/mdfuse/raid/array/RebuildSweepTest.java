package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.Thinning;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A rebuild, with writes between its ranges, in which one device fails at the nth of its I/Os, for every n: the new
 * one, one of those that are read, or the journal. Or a block of one of those can't be read. Power fails some time
 * later.
 *
 * <p>If redundancy remains, the rebuild continues or the array stays degraded. If none remains, the array stops, and
 * acknowledged data is readable once all devices are back. A block that can't be solved gives an error, and never wrong
 * content.
 */
@Execution(ExecutionMode.CONCURRENT)
class RebuildSweepTest {
    private static final int CRASHES_EACH = 4;
    private static final int FAILED = 1;

    static Stream<ArrayShape> shapes() {
        return Stream.of(
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 8, 4, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 5, 24, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.RAID4, 3, 16, 4, 64, Superblock.IN_SYNC, true),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 4, 8, 4, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 4, 40, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.DDF_N_CONTINUE, 5, 8, 4, 40, Superblock.IN_SYNC, true));
    }

    /** An array before the new device is added. */
    private static final class Bench {
        private final ArrayShape shape;
        private final SweptArray swept;
        private final RaidArray array;
        private final BlockDevice added;
        private final boolean replace;

        Bench(ArrayShape shape, boolean replace, boolean journalFails) throws IOException {
            this.shape = shape;
            this.replace = replace;
            this.swept = new SweptArray(shape, journalFails);
            this.array = swept.open();
            for (int row = 0; row < shape.rows(); row++) {
                int rowBytes = (int) (shape.geometry().rowSectors() * 512);
                swept.model().write(array, (long) row * rowBytes, rowBytes);
            }
            if (!replace) {
                Rebuilds.manager(array).fail("disk" + FAILED, false);
                Rebuilds.manager(array).remove("disk" + FAILED);
            }
            swept.model().flush(array);
            swept.nothingFailsBeforeThis();
            this.added = swept.blank("added");
        }

        /** Each range that the new device is given is followed by a write somewhere else. */
        void rebuild() throws IOException {
            int[] ranges = new int[1];
            HookedDevice hooked = new HookedDevice(added, () -> {
                // A row before or behind the row that is held. In this single thread no write-out may start, since it
                // would acquire the rows that are cached.
                if (!shape.writeBack() || !replace) {
                    write((ranges[0] + 2) % shape.rows(), ranges[0]++);
                }
            });
            hooked.arm(24 * 512);
            try {
                MemberOutcome unused = replace
                        ? Rebuilds.manager(array).replaceWithNew("disk" + FAILED, hooked, false)
                        : Rebuilds.manager(array).add(hooked, false);
            } catch (IOException e) {
                assertTrue(anyFailed(), e.getMessage());
            }
            hooked.disarm();
            Rebuilds.awaitSettled(array);
        }

        /** Writes complete blocks, so that the remains of a failed request do not matter to the next. */
        void write(int row, int block) throws IOException {
            long rowBytes = shape.geometry().rowSectors() * 512;
            try {
                swept.model().write(array, row * rowBytes + 4096L * (block % (rowBytes / 4096)), 4096);
                swept.model().flush(array);
            } catch (IOException e) {
                assertTrue(anyFailed(), e.getMessage());
            }
        }

        boolean anyFailed() {
            for (int device = 0; device < swept.deviceCount(); device++) {
                if (swept.hasFailed(device)) {
                    return true;
                }
            }
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void anyDeviceMayFailAtAnyOfItsCalls(ArrayShape shape) throws IOException {
        for (boolean replace : new boolean[] {false, true}) {
            Thinning thinning = new Thinning(11);
            Bench sound = new Bench(shape, replace, false);
            List<Map<FaultKind, Integer>> before = new ArrayList<>();
            for (int device = 0; device < sound.swept.deviceCount(); device++) {
                before.add(FaultKind.allCalls(sound.swept.plan(device)));
            }
            sound.rebuild();
            assertEquals("in_sync added", sound.array.attributes().get("rd" + FAILED));
            for (int device = 0; device < sound.swept.deviceCount(); device++) {
                for (FaultKind kind : FaultKind.values()) {
                    int calls = kind.calls(sound.swept.plan(device))
                            - before.get(device).getOrDefault(kind, 0);
                    for (int nth = 1; nth <= calls; nth++) {
                        if (thinning.takesNext()) {
                            String words =
                                    (replace ? "replacing, " : "") + "device " + device + " " + kind + " at " + nth;
                            failAt(shape, replace, device, kind, nth, words);
                        }
                    }
                }
            }
            sound.array.close();
            assertTrue(thinning.taken() > 20, "only " + thinning.taken());
        }
    }

    private static void failAt(ArrayShape shape, boolean replace, int device, FaultKind kind, int nth, String words) {
        try {
            boolean isNew = device == shape.disks() + (shape.journalBlocks() > 0 ? 1 : 0);
            boolean isJournal = !isNew && device == shape.disks();
            Bench bench = new Bench(shape, replace, isJournal);
            kind.plan(bench.swept.plan(device), nth);
            bench.rebuild();
            boolean tooMany = !replace && !isNew && !isJournal && shape.layout().parityCount() == 1;
            if (!tooMany) {
                bench.write(1, 0);
                bench.swept.model().checkAnswered(bench.array);
            }
            try {
                bench.array.close();
            } catch (IOException e) {
                assertTrue(tooMany || isJournal, e.getMessage());
            }
            if (!tooMany && !isJournal) {
                bench.swept.checkIsOnRecord(bench.array);
            }
            bench.swept.checkSafeWithAllDevicesBack();
            bench.swept.crashAnywhere(CRASHES_EACH, words.hashCode());
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError(words + ": " + e.getMessage(), e);
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void anyBlockOfAnyOtherMemberMayBeUnreadable(ArrayShape shape) throws IOException {
        for (int device = 0; device < shape.disks(); device++) {
            for (long sector = 0; sector < shape.geometry().memberSectors() && device != FAILED; sector += 8) {
                String words = "device " + device + " at " + sector;
                try {
                    unreadable(shape, device, sector);
                } catch (IOException | RuntimeException | AssertionError e) {
                    throw new AssertionError(words + ": " + e.getMessage(), e);
                }
            }
        }
    }

    private static void unreadable(ArrayShape shape, int device, long sector) throws IOException {
        Bench bench = new Bench(shape, false, false);
        bench.swept.plan(device).badSectors((ArrayShape.DATA_OFFSET_SECTORS + sector + 3) * 512, 512);
        bench.rebuild();
        int lost = bench.swept.model().countLost(bench.array);
        if (shape.layout().parityCount() == 2) {
            assertEquals(0, lost);
            assertEquals("in_sync added", bench.array.attributes().get("rd" + FAILED));
        }
        // The block itself, and the blocks that are solved with it.
        assertTrue(lost <= 2, lost + " lost");
        bench.array.close();
        if (shape.layout().parityCount() == 2) {
            bench.swept.checkSafeWithAllDevicesBack();
        }
        bench.swept.crashAnywhere(CRASHES_EACH, sector);
    }
}

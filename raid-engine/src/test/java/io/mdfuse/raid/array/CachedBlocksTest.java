package io.mdfuse.raid.array;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Survival;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Four blocks are written in write-back mode; after a stop or a crash 1 KiB in the middle of one of them is
 * overwritten, with all members or without any one; after another stop or crash all of it is there.
 */
class CachedBlocksTest {
    private static final int BLOCK = 4096;

    @ParameterizedTest
    @EnumSource(
            value = ParityLayout.class,
            names = {"RAID4", "LEFT_SYMMETRIC_5", "LEFT_SYMMETRIC_6"})
    void partOfABlockIsOverwrittenAfterARestart(ParityLayout layout) throws IOException {
        ArrayShape shape = new ArrayShape(layout, 5, 16, 4, 48, Superblock.IN_SYNC, true);
        for (boolean crash : new boolean[] {false, true}) {
            for (int gone = -1; gone < shape.disks(); gone++) {
                check(shape, crash, "disk" + gone);
            }
        }
    }

    private static void check(ArrayShape shape, boolean crash, String gone) throws IOException {
        Random random = new Random(3);
        byte[] content = new byte[(int) shape.geometry().arrayBytes()];
        CrashTrace trace = CrashTrace.recording();
        RaidArray array = shape.open(shape.create(trace));
        Rebuilds.write(array, content, 0, 4 * BLOCK, random);
        CrashTrace next = CrashTrace.recording();
        RaidArray second = shape.open(restart(array, trace, next, crash, gone), true);
        Rebuilds.write(second, content, BLOCK + 1536, 1024, random);
        RaidArray third = shape.open(restart(second, next, CrashTrace.notRecording(), crash, gone), true);
        Rebuilds.assertReads(third, content, shape + (crash ? ", crash" : ", stop") + ", without " + gone);
        third.close();
    }

    /** The disks that are left on the next trace, after a stop or after a crash with all writes flushed. */
    private static List<CrashDisk> restart(
            RaidArray array, CrashTrace trace, CrashTrace next, boolean crash, String gone) throws IOException {
        array.flush();
        if (!crash) {
            array.close();
        }
        List<CrashDisk> disks = trace.crashNow(new Survival.All(), next);
        return disks.stream().filter(disk -> !disk.name().equals(gone)).toList();
    }
}

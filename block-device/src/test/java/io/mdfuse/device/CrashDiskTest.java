package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class CrashDiskTest extends BlockDeviceContract {
    @Override
    protected BlockDevice create() {
        return new CrashDisk("crash disk", SIZE_BYTES);
    }

    private static void write(CrashDisk disk, long sector, int sectors, int mark) throws DeviceException {
        byte[] bytes = new byte[sectors * Sectors.BYTES];
        Arrays.fill(bytes, (byte) mark);
        disk.write(sector * Sectors.BYTES, MemorySegment.ofArray(bytes));
    }

    private static int mark(CrashDisk disk, long sector) throws DeviceException {
        byte[] bytes = new byte[Sectors.BYTES];
        disk.read(sector * Sectors.BYTES, MemorySegment.ofArray(bytes));
        for (byte each : bytes) {
            assertEquals(bytes[0], each, "sector " + sector + " is torn within");
        }
        return bytes[0];
    }

    @Test
    void aFlushMakesEarlierWritesDurableAndNoLaterOnes() throws Exception {
        try (CrashDisk disk = new CrashDisk("d", SIZE_BYTES)) {
            write(disk, 0, 8, 1);
            disk.flush();
            write(disk, 0, 8, 2);
            write(disk, 8, 8, 3);
            assertEquals(2, disk.pendingCount());
            CrashDisk none = disk.crashed(new Survival.None(), CrashTrace.notRecording());
            assertEquals(1, mark(none, 0));
            assertEquals(0, mark(none, 8));
            CrashDisk all = disk.crashed(new Survival.All(), CrashTrace.notRecording());
            assertEquals(2, mark(all, 0));
            assertEquals(3, mark(all, 8));
            CrashDisk overtaken = disk.crashed(new Survival.AllBut(0, 0), CrashTrace.notRecording());
            assertEquals(1, mark(overtaken, 0));
            assertEquals(3, mark(overtaken, 8));
            CrashDisk only = disk.crashed(new Survival.Only(0, 0), CrashTrace.notRecording());
            assertEquals(2, mark(only, 0));
            assertEquals(0, mark(only, 8));
        }
    }

    @Test
    void aTrimIsLostLikeAWrite() throws Exception {
        try (CrashDisk disk = new CrashDisk("d", SIZE_BYTES)) {
            write(disk, 0, 8, 1);
            disk.flush();
            disk.trim(0, 4096);
            assertEquals(0, mark(disk, 0));
            assertEquals(1, mark(disk.crashed(new Survival.None(), CrashTrace.notRecording()), 0));
            assertEquals(0, mark(disk.crashed(new Survival.All(), CrashTrace.notRecording()), 0));
            disk.flush();
            assertEquals(0, mark(disk.crashed(new Survival.None(), CrashTrace.notRecording()), 0));
        }
    }

    @Test
    void someSeedTearsBetweenSectorsSomeKeepsSingleBlocksSomeKeepsAllAndSomeLosesAll() throws Exception {
        boolean wholeKept = false;
        boolean wholeLost = false;
        boolean blockwise = false;
        boolean torn = false;
        try (CrashDisk disk = new CrashDisk("d", SIZE_BYTES)) {
            write(disk, 0, 64, 7);
            for (long seed = 0; seed < 200; seed++) {
                CrashDisk after = disk.crashed(new Survival.Seeded(seed), CrashTrace.notRecording());
                int kept = 0;
                boolean tornBlock = false;
                for (int sector = 0; sector < 64; sector++) {
                    kept += mark(after, sector) == 7 ? 1 : 0;
                    tornBlock |= mark(after, sector) != mark(after, sector - sector % 8);
                }
                wholeKept |= kept == 64;
                wholeLost |= kept == 0;
                torn |= tornBlock;
                blockwise |= !tornBlock && kept > 0 && kept < 64;
            }
        }
        assertEquals("true true true true", wholeKept + " " + wholeLost + " " + blockwise + " " + torn);
    }

    @Test
    void whenPowerIsCutAllDisksOfATraceFail() throws Exception {
        CrashTrace trace = CrashTrace.notRecording();
        CrashDisk a = new CrashDisk("a", SIZE_BYTES, trace);
        CrashDisk b = new CrashDisk("b", SIZE_BYTES, trace);
        write(a, 0, 1, 1);
        a.flush();
        write(b, 0, 1, 2);
        trace.cutPower();
        assertThrows(DeviceException.class, () -> write(a, 0, 1, 3));
        assertThrows(DeviceException.class, b::flush);
        var after = trace.crashNow(new Survival.None(), CrashTrace.notRecording());
        assertEquals(1, mark(after.get(0), 0));
        assertEquals(0, mark(after.get(1), 0));
        write(after.get(0), 0, 1, 4);
        assertEquals(1, a.image().toBytes()[0], "the disk after the crash is independent of this one");
    }
}

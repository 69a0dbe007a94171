package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Survival;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * After a crash each single block of the journal is damaged in turn. A damaged page loses at most that page, a damaged
 * meta block at most the blocks that it describes, and parity matches after the recovery, even if the recovery is
 * interrupted.
 */
class JournalDamageTest {
    private static final int LOG_OFFSET_BYTES = 24 * 512;
    private static final int BLOCK_BYTES = 4096;

    static Stream<ArrayShape> shapes() {
        return Stream.of(
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 6, 300, Superblock.IN_SYNC, true),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 6, 300, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 6, 300, Superblock.IN_SYNC, true));
    }

    private final CrashTrace trace = CrashTrace.recording();

    @ParameterizedTest
    @MethodSource("shapes")
    void oneDamagedBlockLosesAtMostItself(ArrayShape shape) throws IOException {
        List<CrashDisk> disks = shape.create(trace);
        VolumeModel model = new VolumeModel(trace, shape.geometry().arrayBytes(), BLOCK_BYTES, false, 9);
        RaidArray array = shape.open(disks);
        int rowBytes = (int) (shape.geometry().rowSectors() * 512);
        model.write(array, 0, rowBytes);
        model.flush(array);
        for (int i = 0; i < 4; i++) {
            model.write(array, (long) i * rowBytes, BLOCK_BYTES);
            model.write(array, (long) i * rowBytes + BLOCK_BYTES, BLOCK_BYTES);
            model.flush(array);
        }
        model.write(array, 4096, 8192);
        model.flush(array);
        List<CrashDisk> left = CrashDisk.onTrace(disks, CrashTrace.notRecording());
        array.close();

        int pages = 0;
        int metaBlocks = 0;
        for (int block = 0; block < shape.journalBlocks(); block++) {
            Kind kind = kindOf(left.getLast(), block);
            if (kind == Kind.UNUSED) {
                continue;
            }
            pages += kind == Kind.PAGE ? 1 : 0;
            metaBlocks += kind == Kind.META ? 1 : 0;
            CrashTrace recovery = CrashTrace.recording();
            List<CrashDisk> damaged = CrashDisk.onTrace(left, recovery);
            flip(damaged.getLast(), block);
            recovery.restart();
            if (!checkRecovered(shape, model, damaged, kind, "block " + block)) {
                continue;
            }
            Random random = new Random(block);
            for (int i = 0; i < 6; i++) {
                int cut = random.nextInt(recovery.length() + 1);
                List<CrashDisk> again = recovery.materialise(cut, new Survival.Seeded(random.nextLong()));
                checkRecovered(shape, model, again, kind, "block " + block + ", recovery cut after " + cut);
            }
        }
        assertTrue(pages >= 8 && metaBlocks >= 4, pages + " pages, " + metaBlocks + " meta blocks");
    }

    private enum Kind {
        UNUSED,
        META,
        PAGE
    }

    /** Returns false if the array was refused, because the content of a log without its first block is not known. */
    private static boolean checkRecovered(
            ArrayShape shape, VolumeModel model, List<CrashDisk> disks, Kind kind, String what) throws IOException {
        RaidArray array;
        try {
            array = shape.open(disks);
        } catch (ArrayRefusedException e) {
            assertEquals(ArrayRefusedException.Reason.CORRUPT, e.reason());
            assertEquals(Kind.META, kind, what);
            assertThrows(
                    ArrayRefusedException.class, () -> shape.open(CrashDisk.onTrace(disks, CrashTrace.notRecording())));
            return false;
        }
        int lost = model.countOlder(array, what);
        // The largest meta block here describes a row of data.
        int most = kind == Kind.PAGE ? 1 : shape.geometry().dataDisks();
        assertTrue(lost <= most, () -> what + " cost " + lost + " blocks");
        array.close();
        assertEquals(-1, shape.wrongParity(disks), () -> what + ": wrong parity");
        return true;
    }

    private static Kind kindOf(CrashDisk journal, int block) throws IOException {
        MemorySegment bytes = MemorySegment.ofArray(new byte[BLOCK_BYTES]);
        new CrashDisk("copy", journal.image(), CrashTrace.notRecording())
                .read(LOG_OFFSET_BYTES + (long) block * BLOCK_BYTES, bytes);
        if (bytes.get(ValueLayout.JAVA_INT_UNALIGNED, 0) == 0x6433c509) {
            return Kind.META;
        }
        return bytes.mismatch(MemorySegment.ofArray(new byte[BLOCK_BYTES])) < 0 ? Kind.UNUSED : Kind.PAGE;
    }

    private static void flip(CrashDisk journal, int block) throws IOException {
        MemorySegment octet = MemorySegment.ofArray(new byte[1]);
        long at = LOG_OFFSET_BYTES + (long) block * BLOCK_BYTES + 777;
        journal.read(at, octet);
        octet.set(ValueLayout.JAVA_BYTE, 0, (byte) (octet.get(ValueLayout.JAVA_BYTE, 0) ^ 4));
        journal.write(at, octet);
        journal.flush();
    }
}

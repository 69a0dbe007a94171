package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.ForwardingDevice;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which writes an array has its members bring to the media at once: see {@code EarlyFlush}. */
class EarlyFlushTest {
    private static final int CHUNK_BYTES = 64 << 10;

    /** Three members with three rows of 64 KiB. */
    private static ArrayShape shape(boolean journal) {
        return new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 128, 3, journal ? 1000 : 0, Superblock.IN_SYNC, false);
    }

    private static final class Told extends ForwardingDevice {
        private final List<Long> lengths = new ArrayList<>();

        Told(BlockDevice device) {
            super(device);
        }

        @Override
        public void beginFlush(long offsetBytes, long lengthBytes) {
            lengths.add(lengthBytes);
        }
    }

    /** The lengths of the ranges that each device was told to begin with after one write, members first. */
    private static List<List<Long>> told(boolean journal, long offsetBytes, int lengthBytes) throws IOException {
        List<Told> devices = new ArrayList<>();
        for (CrashDisk disk : shape(journal).create(CrashTrace.notRecording())) {
            devices.add(new Told(disk));
        }
        ManualTimer timer = new ManualTimer();
        ArrayRuntime runtime = new ArrayRuntime(timer, timer, new DirectExecutor(), new Random(1), 2);
        try (RaidArray array = ArrayAssembler.assemble(devices, null, AssembleOptions.defaults(), runtime)) {
            array.write(offsetBytes, MemorySegment.ofArray(new byte[lengthBytes]));
            return devices.stream().map(device -> List.copyOf(device.lengths)).toList();
        }
    }

    @Test
    void rowsThatTouchAreOneRange() throws IOException {
        List<Long> rows = List.of(2L * CHUNK_BYTES);
        assertEquals(List.of(rows, rows, rows, List.of()), told(true, 0, 4 * CHUNK_BYTES));
    }

    @Test
    void aWholeChunkIsLong() throws IOException {
        List<Long> chunk = List.of((long) CHUNK_BYTES);
        assertEquals(List.of(chunk, chunk, chunk, List.of()), told(true, CHUNK_BYTES, CHUNK_BYTES));
    }

    @Test
    void lessThanAChunkIsLeftInTheHostsMemory() throws IOException {
        assertEquals(List.of(List.of(), List.of(), List.of(), List.of()), told(true, 4096, CHUNK_BYTES - 4096));
    }

    @Test
    void notWithoutAJournal() throws IOException {
        assertEquals(List.of(List.of(), List.of(), List.of()), told(false, 0, 4 * CHUNK_BYTES));
    }
}

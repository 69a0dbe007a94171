package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.ForwardingDevice;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the members are told to load before it is read. */
class AnnouncedReadsTest {
    private static final int MIB = 1 << 20;
    private static final int BLOCK = 4096;

    /** The blocks that one device was told to load, and those that were read from it. */
    private static final class Told extends ForwardingDevice {
        private final BitSet announced = new BitSet();
        private boolean twice;

        Told(BlockDevice device) {
            super(device);
        }

        @Override
        public void prefetch(long offsetBytes, long lengthBytes) {
            for (long at = offsetBytes; at < offsetBytes + lengthBytes; at += BLOCK) {
                twice |= announced.get((int) (at / BLOCK));
                announced.set((int) (at / BLOCK));
            }
        }
    }

    /** Three members with 40 rows of 64 KiB: a volume of 5 MiB. */
    private static List<Told> devices() throws IOException {
        ArrayShape shape = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 128, 40, 0, Superblock.IN_SYNC, false);
        List<Told> devices = new ArrayList<>();
        for (CrashDisk disk : shape.create(CrashTrace.notRecording())) {
            devices.add(new Told(disk));
        }
        return devices;
    }

    private static void read(List<Told> devices, long... offsets) throws IOException {
        ManualTimer timer = new ManualTimer();
        ArrayRuntime runtime = new ArrayRuntime(timer, timer, new DirectExecutor(), new Random(1), 2);
        try (RaidArray array = ArrayAssembler.assemble(devices, null, AssembleOptions.defaults(), runtime)) {
            for (long offset : offsets) {
                array.read(offset, MemorySegment.ofArray(new byte[MIB]));
            }
        }
    }

    private static int announcedBytes(List<Told> devices) {
        return devices.stream()
                        .mapToInt(device -> device.announced.cardinality())
                        .sum()
                * BLOCK;
    }

    @Test
    void aStreamAnnouncesEachBlockOnceAndAMebibyteAhead() throws IOException {
        List<Told> devices = devices();
        read(devices, 0, MIB, 2 * MIB);
        for (Told device : devices) {
            assertFalse(device.twice, device.name() + " was told of a block twice");
        }
        // Of all but the first chunk, since that one is read at once.
        assertEquals(4 * MIB - 2 * (64 << 10), announcedBytes(devices));
    }

    @Test
    void otherReadsAnnounceWhatFollowsTheirFirstChunk() throws IOException {
        List<Told> devices = devices();
        read(devices, 3 * MIB, MIB);
        assertEquals(2 * (MIB - (64 << 10)), announcedBytes(devices));
    }

    @Test
    void nothingIsAnnouncedBehindTheEnd() throws IOException {
        List<Told> devices = devices();
        read(devices, 2 * MIB, 3 * MIB, 4 * MIB);
        assertTrue(announcedBytes(devices) < 3 * MIB);
    }
}

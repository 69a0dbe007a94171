package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.writepath.LogNeeds;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The shortest log that mdfuse accepts, which md may have made, for every layout and width; and one block less. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SmallLogTest {
    private static int leastBlocks(ParityLayout layout, int disks) {
        return (int) new LogNeeds(disks, layout.parityCount()).leastSectors() / 8;
    }

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void theShortestLogServesEitherModeAndEndsEveryWrite(ParityLayout layout) throws IOException {
        for (int disks = layout.level() == 6 ? 4 : 3; disks <= 9; disks++) {
            for (boolean writeBack : new boolean[] {false, true}) {
                int blocks = leastBlocks(layout, disks);
                ArrayShape shape = new ArrayShape(layout, disks, 16, 6, blocks, Superblock.IN_SYNC, writeBack);
                List<CrashDisk> made = shape.create(CrashTrace.notRecording());
                byte[] content = new byte[(int) shape.geometry().arrayBytes()];
                try (RaidArray array = shape.open(made)) {
                    writeAnyhow(array, content, new Random(disks));
                    assertArrayEquals(content, read(array, content.length), "while it is open");
                }
                assertEquals(-1, shape.wrongParity(made), disks + " disks");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ParityLayout.class)
    void aLogThatIsOneBlockShorterIsRefusedExceptReadOnly(ParityLayout layout) throws IOException {
        int disks = 5;
        int blocks = leastBlocks(layout, disks) - 1;
        ArrayShape shape = new ArrayShape(layout, disks, 16, 6, blocks, Superblock.IN_SYNC, false);
        List<CrashDisk> made = shape.create(CrashTrace.notRecording());
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> shape.open(made));
        assertTrue(String.valueOf(e.getMessage()).startsWith("journal: its log of"), e.getMessage());
        try (RaidArray array =
                ArrayShape.open(made, null, AssembleOptions.defaults().withReadOnly(true))) {
            assertEquals(shape.geometry().arrayBytes(), read(array, (int) array.sizeBytes()).length);
        }
    }

    private static void writeAnyhow(RaidArray array, byte[] content, Random random) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            for (int n = 0; n < 120; n++) {
                boolean aligned = random.nextInt(4) > 0;
                int unit = aligned ? 4096 : 512;
                int from = random.nextInt(content.length / unit) * unit;
                int most = Math.min(content.length - from, random.nextInt(3) == 0 ? content.length : 5 * unit);
                int length = (1 + random.nextInt(most / unit)) * unit;
                byte[] bytes = new byte[length];
                random.nextBytes(bytes);
                System.arraycopy(bytes, 0, content, from, length);
                MemorySegment source = arena.allocate(length);
                MemorySegment.copy(bytes, 0, source, ValueLayout.JAVA_BYTE, 0, length);
                array.write(from, source);
                if (random.nextInt(10) == 0) {
                    array.flush();
                }
            }
        }
    }

    private static byte[] read(RaidArray array, int length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(length);
            array.read(0, target);
            return target.toArray(ValueLayout.JAVA_BYTE);
        }
    }
}

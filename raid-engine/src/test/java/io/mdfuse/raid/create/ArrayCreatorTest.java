package io.mdfuse.raid.create;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.ForwardingDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.MetadataVersion;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ArrayCreatorTest {
    private static final long MEMBER_BYTES = 16 << 20;
    private static final NewConsistency LOCKLESS = new NewConsistency(ConsistencyPolicy.BITMAP, 0, true, false);

    private static final class LargeBlocks extends ForwardingDevice {
        LargeBlocks(BlockDevice device) {
            super(device);
        }

        @Override
        public int logicalBlockBytes() {
            return 4096;
        }
    }

    private static List<BlockDevice> disks() {
        return Stream.of("a", "b", "c")
                .<BlockDevice>map(name -> new CrashDisk(name, MEMBER_BYTES))
                .toList();
    }

    private static void create(List<BlockDevice> disks, NewConsistency consistency, boolean force) throws IOException {
        CreateOptions options = new CreateOptions(
                new NewShape(5, 2, disks.size(), 128, MetadataVersion.V1_2, 0),
                NewIdentity.named("made"),
                consistency,
                force);
        new ArrayCreator(options, InstantSource.system(), new Random(1)).create(disks, null);
    }

    /** A disk with sectors of 4096 bytes makes this the array's logical block, whether or not it is recorded. */
    @Test
    void aDiskWithLargeSectorsGetsNoLocklessBitmap() throws IOException {
        List<BlockDevice> disks = disks();
        List<BlockDevice> large = List.of(disks.get(0), new LargeBlocks(disks.get(1)), disks.get(2));
        ArrayRefusedException e = assertThrows(ArrayRefusedException.class, () -> create(large, LOCKLESS, false));
        assertEquals(Reason.UNSAFE, e.reason());
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("b: ") && message.contains("4096") && message.contains("--force"), message);
        try (Arena arena = Arena.ofConfined()) {
            for (BlockDevice disk : disks) {
                MemorySegment start = arena.allocate(1 << 20);
                disk.read(0, start);
                assertArrayEquals(new byte[1 << 20], start.toArray(ValueLayout.JAVA_BYTE), disk.name());
            }
        }
        create(large, NewConsistency.RESYNC, false);
        create(large, LOCKLESS, true);
    }
}

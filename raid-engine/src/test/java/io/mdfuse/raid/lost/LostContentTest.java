package io.mdfuse.raid.lost;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.raid.geometry.ParityLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Arrays whose volume holds a btrfs, or a file system behind a table: LVM2, GPT. One device is always missing. */
class LostContentTest {
    private static final int BLOCK = 4096;
    private static final int NODE = 16 << 10;

    private static void assertFound(ParityLayout layout, int disks, int chunk, byte[] volume) throws IOException {
        List<CrashDisk> all = LostDisks.of(layout, disks, chunk, volume);
        List<CrashDisk> given = new ArrayList<>(all);
        given.remove(1);
        Collections.shuffle(given, new Random(disks));
        LostArrayCandidate best = LostArrayFinder.find(given, part -> {}).getFirst();
        assertEquals(new LostArrayShape(layout, disks, chunk, LostDisks.OFFSET), best.shape());
        List<String> order = new ArrayList<>();
        for (int slot = 0; slot < disks; slot++) {
            order.add(slot == 1 ? LostArrayCandidate.MISSING : "disk" + slot);
        }
        assertEquals(order, best.order());
    }

    /** A tree block; its data fills the end. */
    private static void node(byte[] volume, int at, long logical, byte[] id, int owner, byte[] data) {
        ByteBuffer fields = ByteBuffer.wrap(volume).order(ByteOrder.LITTLE_ENDIAN);
        fields.put(at + 32, id).putLong(at + 48, logical).putLong(at + 88, owner);
        fields.put(at + NODE - data.length, data);
        CRC32C crc = new CRC32C();
        crc.update(volume, at + 32, NODE - 32);
        fields.putInt(at, (int) crc.getValue());
    }

    private static byte[] chunk(long length, byte[] deviceId, long... places) {
        ByteBuffer chunk = ByteBuffer.allocate(48 + 32 * places.length).order(ByteOrder.LITTLE_ENDIAN);
        chunk.putLong(0, length).putLong(8, 2).putLong(16, 65536).putShort(44, (short) places.length);
        for (int copy = 0; copy < places.length; copy++) {
            chunk.putLong(48 + 32 * copy, 1).putLong(56 + 32 * copy, places[copy]);
            chunk.put(64 + 32 * copy, deviceId);
        }
        return chunk.array();
    }

    /** The tree blocks lie at other logical addresses than places; all chunks are DUP. */
    private static byte[] btrfs(int bytes, Random random) {
        byte[] volume = new byte[bytes];
        ByteBuffer fields = ByteBuffer.wrap(volume).order(ByteOrder.LITTLE_ENDIAN);
        byte[] id = new byte[16];
        byte[] deviceId = new byte[16];
        random.nextBytes(id);
        random.nextBytes(deviceId);
        byte[] system = chunk(128 << 10, deviceId, 128 << 10, 276 << 10);
        byte[] metadata = chunk(1 << 20, deviceId, 512 << 10, 1536 << 10);
        int superblock = 64 << 10;
        fields.put(superblock + 32, id).putLong(superblock + 48, superblock);
        fields.put(superblock + 64, "_BHRfS_M".getBytes(StandardCharsets.US_ASCII));
        fields.putLong(superblock + 112, bytes).putLong(superblock + 136, 1).putInt(superblock + 148, NODE);
        fields.putInt(superblock + 160, 17 + system.length).put(superblock + 267, deviceId);
        fields.putLong(superblock + 811 + 9, 64 << 20).put(superblock + 811 + 17, system);
        // Other copies, for the case that the first lies on the missing device.
        for (int copy : new int[] {3 << 20, (3 << 20) + (192 << 10), (3 << 20) + (260 << 10)}) {
            System.arraycopy(volume, superblock, volume, copy, BLOCK);
            fields.putLong(copy + 48, copy);
        }
        // A leaf of the chunk tree: one item, which names the chunk of the other tree blocks.
        int leaf = 128 << 10;
        fields.putInt(leaf + 96, 1).put(leaf + 101 + 8, (byte) 228).putLong(leaf + 101 + 9, 256 << 20);
        fields.putInt(leaf + 101 + 17, NODE - 101 - metadata.length).putInt(leaf + 101 + 21, metadata.length);
        node(volume, leaf, 64 << 20, id, 3, metadata);
        System.arraycopy(volume, leaf, volume, 276 << 10, NODE);
        for (int at = 0; at < 1 << 20; at += NODE) {
            if (random.nextInt(2) == 0) {
                byte[] data = new byte[NODE - 2 * BLOCK];
                random.nextBytes(data);
                node(volume, (512 << 10) + at, (256L << 20) + at, id, 5, data);
                System.arraycopy(volume, (512 << 10) + at, volume, (1536 << 10) + at, NODE);
            }
        }
        return volume;
    }

    @Test
    void btrfsSaysWhereItsTreeBlocksBelong() throws IOException {
        Random random = new Random(83);
        assertFound(ParityLayout.LEFT_SYMMETRIC_5, 4, 64 << 10, btrfs(3 * LostDisks.MEMBER, random));
        assertFound(ParityLayout.RIGHT_ASYMMETRIC_5, 4, 4 << 10, btrfs(3 * LostDisks.MEMBER, random));
        assertFound(ParityLayout.LEFT_SYMMETRIC_6, 5, 32 << 10, btrfs(3 * LostDisks.MEMBER, random));
    }

    /** Blocks of an XFS, from {@code start} on. */
    private static void xfs(byte[] volume, int start, int bytes, Random random) {
        byte[] uuid = new byte[16];
        random.nextBytes(uuid);
        ByteBuffer fields = ByteBuffer.wrap(volume);
        fields.putInt(start, 0x58465342).putInt(start + 4, BLOCK).putLong(start + 8, bytes / BLOCK);
        fields.putInt(start + 84, 1 << 20).putShort(start + 104, (short) 512).putInt(start + 512, 0x58414746);
        fields.put(start + 123, (byte) 3).put(start + 124, (byte) 20).put(start + 32, uuid);
        for (int at = BLOCK; at < bytes; at += BLOCK) {
            if (random.nextInt(4) == 0) {
                int block = start + at;
                fields.putInt(block, 0x58444233).putLong(block + 8, at / 512).put(block + 24, uuid);
            }
        }
    }

    @Test
    void aFileSystemBeginsWhereLvm2Says() throws IOException {
        byte[] volume = new byte[3 * LostDisks.MEMBER];
        String text = """
                vg {
                extent_size = 256
                physical_volumes {
                pv0 {
                pe_start = 2048
                }
                }
                logical_volumes {
                small {
                segment1 {
                extent_count = 3
                type = "striped"
                stripe_count = 1\t# linear

                stripes = [
                "pv0", 0
                ]
                }
                }
                big {
                segment1 {
                extent_count = 30
                type = "striped"
                stripe_count = 1\t# linear

                stripes = [
                "pv0", 3
                ]
                }
                }
                }
                """;
        ByteBuffer fields = ByteBuffer.wrap(volume).order(ByteOrder.LITTLE_ENDIAN);
        fields.put(512, "LABELONE".getBytes(StandardCharsets.US_ASCII));
        fields.put(BLOCK + 4, " LVM2 x[5A%r0N*>".getBytes(StandardCharsets.US_ASCII))
                .putLong(BLOCK + 24, BLOCK);
        fields.put(BLOCK + 512, text.getBytes(StandardCharsets.US_ASCII));
        xfs(volume, (1 << 20) + 3 * 256 * 512, 30 * 256 * 512, new Random(84));
        assertFound(ParityLayout.LEFT_SYMMETRIC_5, 4, 64 << 10, volume);
    }

    @Test
    void aFileSystemBeginsWhereThePartitionTableSays() throws IOException {
        byte[] volume = new byte[3 * LostDisks.MEMBER];
        ByteBuffer fields = ByteBuffer.wrap(volume).order(ByteOrder.LITTLE_ENDIAN);
        fields.put(512, "EFI PART".getBytes(StandardCharsets.US_ASCII))
                .putLong(512 + 24, 1)
                .putInt(512 + 84, 128);
        fields.putLong(1024, 7).putLong(1024 + 32, 64).putLong(1024 + 40, 1087);
        fields.putLong(1152, 7).putLong(1152 + 32, 1088).putLong(1152 + 40, 12000);
        xfs(volume, 1088 * 512, 10912 * 512, new Random(85));
        assertFound(ParityLayout.RIGHT_SYMMETRIC_5, 4, 16 << 10, volume);
    }
}

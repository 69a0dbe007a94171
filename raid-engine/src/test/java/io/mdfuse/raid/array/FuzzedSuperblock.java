package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CopyOnWriteDevice;
import io.mdfuse.device.DeviceException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** A device whose superblock of version 1.2 has one to three fields of any value, and a right checksum. */
final class FuzzedSuperblock {
    private static final int SUPERBLOCK = 4096;
    private static final int CHECKSUM = 0xd8;
    private static final int MAX_DEV = 0xdc;

    /** The offsets of all fields of four bytes; those of eight bytes are two of them. */
    private static final int[] FIELDS = {
        0x08, 0x48, 0x4c, 0x50, 0x54, 0x58, 0x5c, 0x60, 0x64, 0x68, 0x6c, 0x70, 0x74, 0x78, 0x7c, 0x80, 0x84, 0x88,
        0x8c, 0x98, 0x9c, 0xa0, 0xb8, 0xbc, 0xc0, 0xc8, 0xcc, 0xd0, 0xd4, 0xdc, 0x100, 0x104, 0x108
    };

    private FuzzedSuperblock() {}

    /** A device over this one, which does not change. */
    static BlockDevice on(BlockDevice device, Random random) throws DeviceException {
        byte[] bytes = new byte[4096];
        device.read(SUPERBLOCK, MemorySegment.ofArray(bytes));
        ByteBuffer superblock = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int left = 1 + random.nextInt(3); left > 0; left--) {
            int field = FIELDS[random.nextInt(FIELDS.length)];
            superblock.putInt(field, value(random, superblock.getInt(field)));
        }
        int covered = 256 + 2 * Math.clamp(superblock.getInt(MAX_DEV), 0, 1920);
        superblock.putInt(CHECKSUM, 0);
        long sum = 0;
        for (int at = 0; at + 4 <= covered; at += 4) {
            sum += Integer.toUnsignedLong(superblock.getInt(at));
        }
        sum += covered % 4 == 2 ? Short.toUnsignedInt(superblock.getShort(covered - 2)) : 0;
        superblock.putInt(CHECKSUM, (int) (sum + (sum >>> 32)));
        CopyOnWriteDevice changed = new CopyOnWriteDevice(device);
        changed.write(SUPERBLOCK, MemorySegment.ofArray(bytes));
        return changed;
    }

    private static int value(Random random, int old) {
        return switch (random.nextInt(5)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextInt(12);
            case 2 -> -random.nextInt(12);
            case 3 -> old ^ 1 << random.nextInt(32);
            default -> random.nextInt(1 << 19);
        };
    }
}

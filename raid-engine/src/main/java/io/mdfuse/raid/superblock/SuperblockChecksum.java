package io.mdfuse.raid.superblock;

import static io.mdfuse.raid.superblock.SuperblockLayout.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The checksum of a version-1 superblock (field {@code sb_csum}), by the rule of Linux {@code calc_sb_1_csum}. It lives
 * apart from {@link SuperblockCodec} because both reading and changing a superblock need it.
 */
public final class SuperblockChecksum {
    private SuperblockChecksum() {}

    /**
     * The checksum that a superblock must have: the 64-bit sum of the little-endian 32-bit words of the superblock and
     * its role table, with the checksum field taken as zero and a last half word added as it is; then the two halves of
     * the sum are added to 32 bits.
     *
     * @param bytes 4096 bytes whose max_dev is at most {@link SuperblockLayout#MAX_DEVICES}
     */
    public static int of(byte[] bytes) {
        ByteBuffer page = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int end = DEV_ROLES + 2 * page.getInt(MAX_DEV);
        long sum = -Integer.toUnsignedLong(page.getInt(CHECKSUM));
        int at = 0;
        for (; at + 4 <= end; at += 4) {
            sum += Integer.toUnsignedLong(page.getInt(at));
        }
        if (at < end) {
            sum += Short.toUnsignedInt(page.getShort(at));
        }
        return (int) (sum + (sum >>> 32));
    }
}

package io.mdfuse.raid.array.lvm;

import java.nio.ByteBuffer;

/**
 * LVM2's checksum: the CRC-32 of Ethernet and zip (reflected polynomial 0xedb88320) with another start value and
 * without the inversion at the end, which is why {@link java.util.zip.CRC32} can't compute it.
 */
final class LvmChecksum {
    private static final int START = 0xf597a6cf;
    private static final int POLYNOMIAL = 0xedb88320;
    private static final int[] BY_BYTE = table();

    private LvmChecksum() {}

    /** The checksum of {@code bytes} from {@code from} to before {@code end}. */
    static int of(ByteBuffer bytes, int from, int end) {
        int checksum = START;
        for (int at = from; at < end; at++) {
            checksum = checksum >>> 8 ^ BY_BYTE[(checksum ^ bytes.get(at)) & 0xff];
        }
        return checksum;
    }

    private static int[] table() {
        int[] table = new int[256];
        for (int value = 0; value < table.length; value++) {
            int remainder = value;
            for (int bit = 0; bit < 8; bit++) {
                remainder = remainder >>> 1 ^ ((remainder & 1) == 0 ? 0 : POLYNOMIAL);
            }
            table[value] = remainder;
        }
        return table;
    }
}

package io.mdfuse.raid.lost;

import java.util.Arrays;

/** The checksums of many blocks and where the blocks lie, in little memory. */
final class ChecksumList {
    /** 32 MiB; of larger devices the first part is enough. */
    private static final int MAX_ENTRIES = 2 << 20;

    private static final int DEVICE_SHIFT = 56;

    private int[] checksums = new int[1024];
    private long[] places = new long[1024];
    private int size;

    /** Takes one entry. */
    @FunctionalInterface
    interface Visitor {
        void visit(int checksum, int device, long deviceBytes);
    }

    void add(int checksum, int device, long deviceBytes) {
        if (size == MAX_ENTRIES) {
            return;
        }
        if (size == checksums.length) {
            checksums = Arrays.copyOf(checksums, 2 * size);
            places = Arrays.copyOf(places, 2 * size);
        }
        checksums[size] = checksum;
        places[size++] = (long) device << DEVICE_SHIFT | deviceBytes;
    }

    void forEach(Visitor visitor) {
        for (int index = 0; index < size; index++) {
            long place = places[index];
            visitor.visit(checksums[index], (int) (place >>> DEVICE_SHIFT), place & (1L << DEVICE_SHIFT) - 1);
        }
    }
}

package io.mdfuse.device;

/**
 * The two units of Linux md: the sector of 512 bytes, and the block of 4 KiB (the part of a stripe on one member, a
 * page of the journal).
 */
public final class Sectors {
    /** Bytes in a sector. */
    public static final int BYTES = 512;

    /** Bytes in a block. */
    public static final int BLOCK_BYTES = 4096;

    /** Sectors in a block. */
    public static final int PER_BLOCK = BLOCK_BYTES / BYTES;

    private Sectors() {}

    /** The length of {@code sectors} sectors, in bytes. */
    public static long toBytes(long sectors) {
        return sectors * BYTES;
    }

    /** How many whole sectors fit in {@code bytes} bytes: rounded down. */
    public static long floorFromBytes(long bytes) {
        return bytes / BYTES;
    }

    /** {@code value} rounded down to a multiple of {@code unit}. */
    public static long roundDown(long value, long unit) {
        return value - value % unit;
    }

    /** {@code value} rounded up to a multiple of {@code unit}. */
    public static long roundUp(long value, long unit) {
        return roundDown(value + unit - 1, unit);
    }
}

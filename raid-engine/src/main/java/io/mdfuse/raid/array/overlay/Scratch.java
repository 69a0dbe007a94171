package io.mdfuse.raid.array.overlay;

import io.mdfuse.device.Sectors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Where an {@link OverlayVolume} keeps the blocks of {@link Sectors#BLOCK_BYTES} that were written. A scratch is made
 * anew for each mount and holds nothing afterwards.
 *
 * <p>Threads: the volume calls {@link #write} and {@link #drop} one at a time and with no reader inside; {@link #read}
 * and {@link #holds} many at once.
 */
interface Scratch extends AutoCloseable {
    /** {@code memory}, or the path of the file. */
    String place();

    /** How many bytes of blocks it holds. */
    long usedBytes();

    /** How many bytes of blocks it can hold. */
    long limitBytes();

    boolean holds(long block);

    /** Fills {@code target} from {@code offsetInBlock} of a block that is held. */
    void read(long block, long offsetInBlock, MemorySegment target) throws IOException;

    /**
     * Writes into a block. A block that is not held yet is written in whole.
     *
     * @throws OverlayFullException if there is no room for one more block; nothing has changed
     */
    void write(long block, long offsetInBlock, MemorySegment source) throws IOException;

    /**
     * Holds none of the blocks from {@code from} to before {@code to} any longer, and may use their room for others.
     */
    void drop(long from, long to);

    @Override
    void close() throws IOException;
}

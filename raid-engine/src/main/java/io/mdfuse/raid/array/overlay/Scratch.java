package io.mdfuse.raid.array.overlay;

import io.mdfuse.device.Sectors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Stores the written blocks of an {@link OverlayVolume}, each of {@link Sectors#BLOCK_BYTES}. A scratch is made for one
 * mount and discarded afterwards.
 *
 * <p>Threads: the volume calls {@link #write} and {@link #drop} one at a time and never during another call; {@link
 * #read} and {@link #contains} may be called by many threads at once.
 */
interface Scratch extends AutoCloseable {
    /** {@code memory}, or the path of the file. */
    String location();

    /** The size of all stored blocks, in bytes. */
    long usedBytes();

    /** The largest size of all stored blocks, in bytes. */
    long limitBytes();

    boolean contains(long block);

    /** Fills {@code target} from {@code offsetInBlock} of a stored block. */
    void read(long block, long offsetInBlock, MemorySegment target) throws IOException;

    /**
     * Writes into a block. The first write to a block must cover all of it.
     *
     * @throws OverlayFullException if there is no space for one more block; nothing has changed
     */
    void write(long block, long offsetInBlock, MemorySegment source) throws IOException;

    /**
     * Discards the blocks from {@code from} to before {@code to}; their space may be used for other blocks.
     */
    void drop(long from, long to);

    @Override
    void close() throws IOException;
}

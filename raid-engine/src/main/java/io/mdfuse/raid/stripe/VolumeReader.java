package io.mdfuse.raid.stripe;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Reads the volume of an array: one {@link ChunkAlignedRead}, or two during a reshape. Thread-safe. */
public interface VolumeReader {
    /** The volume's size in bytes. */
    long sizeBytes();

    /**
     * Fills {@code target} from {@code offsetBytes} of the volume on; the range lies within the volume.
     *
     * @throws IOException if a block can neither be read nor be solved
     */
    void read(long offsetBytes, MemorySegment target) throws IOException;
}

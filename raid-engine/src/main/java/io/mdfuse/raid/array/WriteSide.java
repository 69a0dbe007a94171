package io.mdfuse.raid.array;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * What an open array does with requests that change it. The caller has checked that the range of a request lies inside
 * the volume. {@link #start} and {@link #close} are called once, by one thread; all other methods may be called by many
 * threads at the same time.
 */
interface WriteSide {
    /** True if every write is refused. */
    boolean readOnly();

    /** Starts the background work: timers, the resync, rebuilds. Called once, before the first request. */
    void start();

    /**
     * Writes to the volume.
     *
     * @throws IOException if the array is read-only, or a member or the journal failed
     */
    void write(long offsetBytes, MemorySegment source) throws IOException;

    /** Returns once all writes that were acknowledged before this call are durable. */
    void flush() throws IOException;

    /**
     * Makes a range of the volume read as zeros, with trims of the members' devices that support them.
     *
     * @throws IOException if the array is read-only, or a member or the journal failed
     */
    void zero(long offsetBytes, long lengthBytes) throws IOException;

    /** See {@link Volume#discard}; fails as {@link #zero}. */
    default void discard(long offsetBytes, long lengthBytes) throws IOException {
        zero(offsetBytes, lengthBytes);
    }

    /**
     * Ends the background work, writes everything to the devices and marks the array clean. Locks, threads and memory
     * of the engine are released even if this throws.
     */
    void close() throws IOException;
}

package io.mdfuse.raid.array;

import io.mdfuse.raid.statistics.ArrayStatistics;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;

/**
 * What the file system serves: a range of bytes that can be read, written, flushed and zeroed, and attributes that
 * describe its state. Any offset and length inside the volume is allowed; many threads may call at the same time.
 */
public interface Volume {
    /** The name of the one file that shows this volume. */
    String name();

    /** The size in bytes. It never changes while the volume is open. */
    long sizeBytes();

    /** True if {@link #write} and {@link #zero} are refused. */
    boolean readOnly();

    /**
     * Reads from {@code offsetBytes} on until {@code target} is full.
     *
     * @throws IOException if a block can neither be read nor be solved from parity
     */
    void read(long offsetBytes, MemorySegment target) throws IOException;

    /**
     * Writes all of {@code source}. After a crash each block of 4 KiB has its old or its new content, never a mixture.
     * {@code source} may be memory that only the calling thread may access.
     */
    void write(long offsetBytes, MemorySegment source) throws IOException;

    /** Returns once all writes that were acknowledged before this call survive a power failure. */
    void flush() throws IOException;

    /** Makes the range read as zeros, with trims of the members' devices that support them. */
    void zero(long offsetBytes, long lengthBytes) throws IOException;

    /**
     * As {@link #zero} for a range whose content is given up. If the array records what was never written, the range
     * counts as such, as far as it covers complete chunks.
     */
    default void discard(long offsetBytes, long lengthBytes) throws IOException {
        zero(offsetBytes, lengthBytes);
    }

    /**
     * Changes an attribute; returns when the change is complete.
     *
     * @throws UnsupportedOperationException if there is no such attribute, or it can't be set
     * @throws IllegalArgumentException if the attribute can't have this value
     * @throws IOException if the array's state does not allow the change
     */
    default void setAttribute(String name, String value) throws IOException {
        throw new UnsupportedOperationException(name + " can't be set");
    }

    /** Why the volume can't be written any more; empty if it can. Never waits. */
    default String trouble() {
        return "";
    }

    /** What was counted since the opening; empty if the volume counts nothing. It waits for no device. */
    default Optional<ArrayStatistics> statistics() {
        return Optional.empty();
    }

    /** The attributes by their md sysfs names, such as {@code array_state}; shown as {@code user.md.NAME}. */
    Map<String, String> attributes();
}

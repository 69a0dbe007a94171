package io.mdfuse.raid.array;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * What the file system serves: a range of bytes that can be read, written, flushed and zeroed, and words about
 * its state. Any offset and length inside the volume is allowed; many threads may call at once.
 */
public interface Volume {
    /** The name of the one file that shows this volume. */
    String name();

    /** The size in bytes. It never changes while the volume is open. */
    long sizeBytes();

    /** True where {@link #write} and {@link #zero} are refused. */
    boolean readOnly();

    /** Fills {@code target} from {@code offsetBytes} on. */
    void read(long offsetBytes, MemorySegment target) throws IOException;

    /** Writes all of {@code source}. Each 4 KiB block is old or new as a whole after a crash, never mixed. */
    void write(long offsetBytes, MemorySegment source) throws IOException;

    /** Returns once every write that had returned before this call survives a power failure. */
    void flush() throws IOException;

    /** Makes the range read as zeros, giving space back to the members where they can take it. */
    void zero(long offsetBytes, long lengthBytes) throws IOException;

    /**
     * Changes an attribute; returns when the change is complete.
     *
     * @throws UnsupportedOperationException where there is no such attribute, or it can't be set
     * @throws IllegalArgumentException where the value is none of those it can have
     * @throws IOException where the array's state does not allow it
     */
    default void setAttribute(String name, String value) throws IOException {
        throw new UnsupportedOperationException(name + " can't be set");
    }

    /** Why it can't write any more; empty if it can. It never waits. */
    default String trouble() {
        return "";
    }

    /** The attributes by their md sysfs names, such as {@code array_state}; shown as {@code user.md.NAME}. */
    Map<String, String> attributes();
}

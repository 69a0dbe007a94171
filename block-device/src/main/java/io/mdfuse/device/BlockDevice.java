package io.mdfuse.device;

import java.lang.foreign.MemorySegment;

/**
 * Storage addressed by byte: the one seam of mdfuse at which tests swap reality.
 *
 * <p>The verbs are the same on every floor of the house: read, write, flush, trim, size. A write may be
 * lost or torn by a power failure until a later {@link #flush()} has returned; then it may not. Two
 * writes without a flush between them may reach the medium in either order. Every implementation can be used
 * by many threads at once.
 *
 * <p>Offsets and lengths are in bytes from the start of the device. A range that does not lie within
 * {@code 0 .. sizeBytes()} is a programming error and throws {@link IndexOutOfBoundsException}; what the
 * hardware or the host refuses throws {@link DeviceException}.
 */
public interface BlockDevice extends AutoCloseable {
    /** What a person calls this device: its path, as it was given. */
    String name();

    /** The size in bytes, fixed while the device is open. */
    long sizeBytes();

    /**
     * The smallest piece that the medium takes by itself, in bytes: 512, or 4096 for a drive with 4 KiB sectors.
     * Smaller requests are served too. An image file has the smallest there is.
     */
    default int logicalBlockBytes() {
        return Sectors.BYTES;
    }

    /** Fills the whole of {@code target} from {@code offsetBytes} on. */
    void read(long offsetBytes, MemorySegment target) throws DeviceException;

    /**
     * Writes the whole of {@code source} from {@code offsetBytes} on. It is durable only after a flush.
     *
     * @throws NoSpaceException if the host has no room for it; a part of it may have been written
     */
    void write(long offsetBytes, MemorySegment source) throws DeviceException;

    /** Returns once every write and trim that had returned before this call is durable. */
    void flush() throws DeviceException;

    /**
     * Gives the range back to the medium.
     *
     * @return true where the range reads as zeros from now on (durable after a flush); false where the device
     *     cannot do that, and then nothing has changed
     */
    boolean trim(long offsetBytes, long lengthBytes) throws DeviceException;

    /**
     * Sees to it that a write of the range will find room on the host, where the host can promise that: an image file
     * in which the range is a hole gets its blocks now. Content and size do not change. A later {@link #trim} takes the
     * promise back.
     *
     * @throws NoSpaceException if the host has no room; nothing has changed then
     */
    default void reserve(long offsetBytes, long lengthBytes) throws DeviceException {}

    /**
     * True if a {@link #reserve} that went well is worth something: a file system without fallocate promises nothing.
     * Known for certain only after the first reserve.
     */
    default boolean promisesRoom() {
        return true;
    }

    /** How much room it takes on its host, in bytes; its size if that is fixed. */
    default long allocatedBytes() throws DeviceException {
        return sizeBytes();
    }

    /** True if the device is a file in a file system of the host. */
    default boolean isImageFile() {
        return false;
    }

    /**
     * Says that the range will be read soon, so that it is fetched while the caller does other things. A hint: nothing
     * depends on it, and whatever goes wrong shows at the read.
     */
    default void prefetch(long offsetBytes, long lengthBytes) {}

    /**
     * Has the next read of the range ask the medium, where the host keeps copies in memory and they are on the medium
     * already. Who wants to know whether a block can be read calls this first.
     */
    default void evict(long offsetBytes, long lengthBytes) {}

    @Override
    void close() throws DeviceException;
}

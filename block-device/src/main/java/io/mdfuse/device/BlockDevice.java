package io.mdfuse.device;

import java.lang.foreign.MemorySegment;

/**
 * Storage addressed by byte. This is the one interface at which tests replace real devices.
 *
 * <p>A write may be lost or torn by a power failure until a later {@link #flush()} has returned; after that it is
 * durable. Two writes without a flush between them may reach the medium in either order. Every implementation may be
 * used by several threads at once; of writes whose ranges overlap the caller lets only one run at a time.
 *
 * <p>Offsets are in bytes from the start of the device, lengths in bytes. A range outside {@code 0 .. sizeBytes()} is a
 * programming error and throws {@link IndexOutOfBoundsException}; an error of the device or of the host throws
 * {@link DeviceException}.
 */
public interface BlockDevice extends AutoCloseable {
    /** The path of the device as the user gave it, for messages. */
    String name();

    /** The size in bytes; it does not change while the device is open. */
    long sizeBytes();

    /**
     * The logical block size of the medium in bytes: 512, or 4096 for a drive with 4 KiB sectors. Requests smaller than
     * that are served too. For an image file it is 512.
     */
    default int logicalBlockBytes() {
        return Sectors.BYTES;
    }

    /**
     * Reads from {@code offsetBytes} on until {@code target} is full.
     *
     * @throws DeviceException if not all of the range can be read; the content of {@code target} is then undefined
     */
    void read(long offsetBytes, MemorySegment target) throws DeviceException;

    /**
     * Writes all of {@code source} from {@code offsetBytes} on. The write is durable only after a flush.
     *
     * @throws NoSpaceException if the host has no space for the write; a part of it may have been written
     * @throws DeviceException if the write fails otherwise; a part of it may have been written
     */
    void write(long offsetBytes, MemorySegment source) throws DeviceException;

    /**
     * Writes past the host's page cache, if the device and the memory allow that: for a write that a flush follows at
     * once and that is not read soon. The flush then has no page to write, and the host's memory is not filled. The
     * write is durable only after the flush, as any other. The end of the process does not tear it: the host gets all
     * of it at once.
     *
     * @return false if that is not possible: a part may have been written, and the caller writes all by {@link #write}
     * @throws DeviceException if the write fails; a part of it may have been written
     */
    default boolean tryWritePastCache(long offsetBytes, MemorySegment source) throws DeviceException {
        return false;
    }

    /**
     * Waits until every write and trim that returned before this call is durable.
     *
     * @throws DeviceException if that is not certain: writes since the last successful flush may be lost
     */
    void flush() throws DeviceException;

    /**
     * Discards the content of the range, so that the medium need not store it.
     *
     * @return true if the range reads as zeros from now on (durable after a flush); false if the device can't do that,
     *     then nothing has changed
     */
    boolean trim(long offsetBytes, long lengthBytes) throws DeviceException;

    /**
     * Tells the medium that the content of the range is not needed: the range may read as anything until it is written
     * again. Where {@link #trim} has to make sure that zeros are read, for which a disk without a trim of its own may
     * write them all, this only passes the information on.
     *
     * @return false if the device can't do that, then nothing has changed
     */
    default boolean discard(long offsetBytes, long lengthBytes) throws DeviceException {
        return trim(offsetBytes, lengthBytes);
    }

    /**
     * Has the host allocate the range, if it can, so that a later write to the range can't fail for lack of space: if
     * the range is a hole in an image file, the file system allocates its blocks now. Content and size do not change. A
     * later {@link #trim} of the range undoes this.
     *
     * @throws NoSpaceException if the host has no space
     */
    default void reserve(long offsetBytes, long lengthBytes) throws DeviceException {}

    /**
     * True if a successful {@link #reserve} guarantees the space. False on a file system without fallocate, which is
     * known only after the first reserve.
     */
    default boolean guaranteesSpace() {
        return true;
    }

    /** The bytes that the device occupies on its host; its size, if it is not an image file. */
    default long allocatedBytes() throws DeviceException {
        return sizeBytes();
    }

    /** True if the device is a file in a file system of the host. */
    default boolean isImageFile() {
        return false;
    }

    /**
     * True if each transfer waits for a server. So transfers of several such devices are worth being made at the same
     * time, by several threads; a fast disk answers sooner than another thread is woken.
     */
    default boolean waitsForTransfers() {
        return false;
    }

    /**
     * The ranges of which it is known before any read that they can't be read: what a rescue program could not read,
     * and what lies behind the end of an image that is cut short. A read that touches one fails. Every byte outside
     * may still turn out to be unreadable.
     */
    default ByteRanges unreadable() {
        return ByteRanges.NONE;
    }

    /**
     * Starts to read the range into the host's memory, for a read that will follow soon. This is a hint: it reports no
     * error; the read will.
     */
    default void prefetch(long offsetBytes, long lengthBytes) {}

    /**
     * Starts to write the range from the host's memory to the medium, without waiting for the end: a later flush finds
     * less to do, and the medium is busy meanwhile. For long ranges that are not soon written again. This is a hint: it
     * makes nothing durable, and an error of the medium is reported by the next flush.
     */
    default void beginFlush(long offsetBytes, long lengthBytes) {}

    /**
     * Drops the host's cached copies of the range that are already on the medium, so that the next read reads the
     * medium. Called before a read that tests whether a block can be read.
     */
    default void evict(long offsetBytes, long lengthBytes) {}

    /**
     * Has the host keep its copies of the device's content in pages of 4 KiB from now on, and drop the copies that it
     * has: for a device that will get small writes. Otherwise a read or a long write leaves a unit of up to 2 MiB in
     * the host's memory, and ext4 walks all blocks of the unit at each write into it (Linux 6.16 and later). The host
     * no longer reads ahead by itself then: what will be read is announced by {@link #prefetch}. This is a hint: it
     * reports no error.
     */
    default void expectSmallWrites() {}

    /**
     * Closes the device. Does not flush: writes since the last flush may be lost.
     *
     * @throws DeviceException if the host reports an error; the device is closed nevertheless
     */
    @Override
    void close() throws DeviceException;
}

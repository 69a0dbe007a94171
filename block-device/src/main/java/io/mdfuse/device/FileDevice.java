package io.mdfuse.device;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An image file or a block device of the host.
 *
 * <p>The device is locked against other users from open to close; {@link DeviceOpener} describes how. Memory for reads
 * and writes may be native or on the Java heap. A transfer needs no copy if the memory is native and, for direct I/O,
 * if address, offset and length are multiples of 4 KiB.
 *
 * <p>After a flush has failed, every later flush fails. If a write to the medium fails, the kernel reports the error to
 * one flush, marks the lost pages clean and lets the next flush succeed: a program that relied on the second flush
 * would take lost bytes for durable. For the same reason only one flush runs at a time: of two at the same time only
 * one would get the error.
 *
 * <p>May be used by several threads.
 */
public final class FileDevice implements BlockDevice {
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_END = 2;
    /** The ioctl of linux/fs.h that returns a block device's logical block size. */
    private static final long BLKSSZGET = 0x1268;

    private static final int POSIX_FADV_RANDOM = 1;
    private static final int POSIX_FADV_WILLNEED = 3;
    private static final int POSIX_FADV_DONTNEED = 4;

    private final String name;
    private final Access access;
    private final boolean direct;
    private final long sizeBytes;
    private final int logicalBlockBytes;
    private final DeviceIdentity identity;
    private final Descriptor descriptor;
    private final StagedTransfer transfer;
    private final WritesPastCache pastCache;
    private final ReservedSpace reserved;
    private final RankedLock flushing = new RankedLock(LockRank.DEVICE_FLUSH);
    private @Nullable String flushFailure;
    /** The file was seen shorter than when it was opened. */
    private volatile boolean shortened;

    private FileDevice(Path path, Access access, boolean direct, DeviceOpener.Opened opened) {
        this.name = path.toString();
        this.access = access;
        this.direct = direct;
        this.sizeBytes = opened.sizeBytes();
        this.identity = opened.status().identity();
        this.logicalBlockBytes = logicalBlockBytes(identity, opened.descriptor());
        this.descriptor = new Descriptor(name, opened.descriptor());
        this.reserved = new ReservedSpace(name, descriptor, sizeBytes, isImageFile());
        this.pastCache = new WritesPastCache(name, descriptor);
        this.transfer = new StagedTransfer(descriptor, sizeBytes, direct ? Sectors.BLOCK_BYTES : 1);
    }

    /**
     * Opens an image file or a block device.
     *
     * @param direct whether to bypass the host's page cache (O_DIRECT)
     * @throws DeviceInUseException if another process or the kernel uses the device
     * @throws DeviceOpenException if the device can't be opened for another reason, which the message states
     */
    public static FileDevice open(Path path, Access access, boolean direct) throws DeviceOpenException {
        return new FileDevice(path, access, direct, DeviceOpener.open(path, access, direct));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public int logicalBlockBytes() {
        return logicalBlockBytes;
    }

    /** 512 for an image file, and for a block device that does not report its logical block size. */
    private static int logicalBlockBytes(DeviceIdentity identity, int descriptor) {
        int answer = identity.blockNode() ? LinuxCalls.ioctlForInt(descriptor, BLKSSZGET) : 0;
        return Math.max(answer, Sectors.BYTES);
    }

    /** The identity of the device, which is the same for each path that leads to it. */
    public DeviceIdentity deviceIdentity() {
        return identity;
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, target.byteSize(), sizeBytes);
        if (target.isReadOnly()) {
            // The kernel would write to it nevertheless, since it gets the address only.
            throw new IllegalArgumentException("the target of a read is read-only memory");
        }
        transfer.read(offsetBytes, target);
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, source.byteSize(), sizeBytes);
        requireWritable("write", offsetBytes, source.byteSize());
        transfer.write(offsetBytes, source);
    }

    @Override
    public boolean tryWritePastCache(long offsetBytes, MemorySegment source) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, source.byteSize(), sizeBytes);
        requireWritable("write", offsetBytes, source.byteSize());
        return pastCache.tryWrite(offsetBytes, source);
    }

    @Override
    public void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes);
        requireWritable("reserve", offsetBytes, lengthBytes);
        reserved.reserve(offsetBytes, lengthBytes);
    }

    @Override
    public boolean guaranteesSpace() {
        return !isImageFile() || reserved.isSupported();
    }

    @Override
    public long allocatedBytes() throws DeviceException {
        return isImageFile() ? descriptor.allocatedBytes() : sizeBytes;
    }

    @Override
    public boolean isImageFile() {
        return !identity.blockNode();
    }

    @Override
    public void flush() throws DeviceException {
        flushing.lock();
        try {
            if (flushFailure != null) {
                throw new DeviceException(name, "flush", 0, 0, "an earlier flush failed: " + flushFailure);
            }
            try {
                descriptor.dataSync();
            } catch (DeviceException e) {
                flushFailure = e.getMessage();
                throw e;
            }
        } finally {
            flushing.unlock();
        }
    }

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes);
        requireWritable("trim", offsetBytes, lengthBytes);
        if (lengthBytes == 0) {
            return true;
        }
        if (identity.blockNode() && (offsetBytes | lengthBytes) % Sectors.BYTES != 0) {
            return false;
        }
        reserved.forget(offsetBytes, lengthBytes);
        int answer = descriptor.fallocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offsetBytes, lengthBytes);
        return switch (-answer) {
            case 0 -> true;
            case Errno.EOPNOTSUPP, Errno.ENOSYS, Errno.ENODEV -> false;
            case Errno.EINVAL -> falseIfBlockNode(offsetBytes, lengthBytes);
            default -> throw HostSpace.failure(name, "trim", offsetBytes, lengthBytes, -answer);
        };
    }

    /** A block device gets a discard, as md gives its journal, not the zeros that a hole in a block device means. */
    @Override
    public boolean discard(long offsetBytes, long lengthBytes) throws DeviceException {
        if (isImageFile()) {
            return trim(offsetBytes, lengthBytes);
        }
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes);
        requireWritable("discard", offsetBytes, lengthBytes);
        // Refused if the device has no discard, or if it does not take a range of this alignment.
        return lengthBytes == 0 || descriptor.discard(offsetBytes, lengthBytes) == 0;
    }

    /** A block device with sectors of 4 KiB refuses with EINVAL to trim a part of such a sector. */
    private boolean falseIfBlockNode(long offsetBytes, long lengthBytes) throws DeviceException {
        if (!identity.blockNode()) {
            throw new DeviceException(name, "trim", offsetBytes, lengthBytes, LinuxCalls.message(Errno.EINVAL));
        }
        return false;
    }

    @Override
    public void prefetch(long offsetBytes, long lengthBytes) {
        // A direct read takes nothing from the page cache: what is loaded into it would be read twice.
        if (!direct) {
            advise(POSIX_FADV_WILLNEED, offsetBytes, lengthBytes);
        }
    }

    @Override
    public void beginFlush(long offsetBytes, long lengthBytes) {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes);
        // The kernel takes a length of 0 as "up to the end". A direct write has left nothing in the page cache.
        if (!direct && lengthBytes > 0) {
            descriptor.beginWriteback(offsetBytes, lengthBytes);
        }
    }

    @Override
    public void evict(long offsetBytes, long lengthBytes) {
        advise(POSIX_FADV_DONTNEED, offsetBytes, lengthBytes);
    }

    @Override
    public void expectSmallWrites() {
        if (!direct) {
            advise(POSIX_FADV_RANDOM, 0, sizeBytes);
            evict(0, sizeBytes);
        }
    }

    private void advise(int advice, long offsetBytes, long lengthBytes) {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes);
        try {
            // The kernel takes a length of 0 as "up to the end".
            if (lengthBytes > 0) {
                descriptor.advise(advice, offsetBytes, lengthBytes);
            }
        } catch (DeviceException e) {
            // The device was closed: the next read will fail.
            return;
        }
    }

    /**
     * Whether the range is a hole in an image file: it reads as zeros and has no blocks in the file system.
     *
     * @return false also if that can't be determined: for a block device, or on a file system without holes
     */
    public boolean isHole(long offsetBytes, long lengthBytes) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes);
        if (identity.blockNode()) {
            return false;
        }
        // An allocated block that was never written counts as data if it was read, as long as it is in the page cache.
        evict(offsetBytes, lengthBytes);
        long dataBytes = descriptor.seek(offsetBytes, SEEK_DATA);
        // ENXIO means that no data follows.
        return dataBytes == -Errno.ENXIO || dataBytes >= offsetBytes + lengthBytes;
    }

    private void requireWritable(String verb, long offsetBytes, long lengthBytes) throws DeviceException {
        if (access == Access.READ_ONLY) {
            throw new DeviceException(name, verb, offsetBytes, lengthBytes, "the device was opened read-only");
        }
        requireWhole(verb, offsetBytes, lengthBytes);
    }

    /**
     * Refuses to change a file that another program has made shorter. A write behind its end would make the file longer
     * again, with a hole before it, whose zeros would be read as data.
     */
    private void requireWhole(String verb, long offsetBytes, long lengthBytes) throws DeviceException {
        long endBytes = isImageFile() && !shortened ? descriptor.seek(0, SEEK_END) : sizeBytes;
        shortened |= endBytes >= 0 && endBytes < sizeBytes;
        if (shortened) {
            throw new DeviceException(
                    name,
                    verb,
                    offsetBytes,
                    lengthBytes,
                    "the file has become shorter than the " + sizeBytes
                            + " bytes it had when it was opened; nothing is written to it any more");
        }
    }

    /** Closes the device and releases its locks. Does not flush: a caller that needs durable writes has flushed. */
    @Override
    public void close() throws DeviceException {
        transfer.close();
        try {
            pastCache.close();
        } finally {
            descriptor.close();
        }
    }
}

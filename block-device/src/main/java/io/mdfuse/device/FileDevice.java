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
 * <p>It is opened exclusively ({@link DeviceOpener} says how) and stays so until it is closed. Reads and writes are
 * positional and of full length. Memory may be native or on the Java heap; a request goes without a copy when it is
 * native and, for a device opened for direct I/O, lies on 4 KiB boundaries in memory and on the device.
 *
 * <p>A flush that failed once fails for good. After a failed write to the medium the kernel reports the error to one
 * flush, marks the lost pages clean and lets the next flush succeed: to believe that one would be to call lost
 * bytes durable. For the same reason flushes go one after the other: of two at once, only one would hear of the error.
 */
public final class FileDevice implements BlockDevice {
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    private static final int SEEK_DATA = 3;
    /** linux/fs.h: asks a block device for its logical block size. */
    private static final long BLKSSZGET = 0x1268;

    private static final int POSIX_FADV_WILLNEED = 3;
    private static final int POSIX_FADV_DONTNEED = 4;

    private final String name;
    private final Access access;
    private final long sizeBytes;
    private final int logicalBlockBytes;
    private final DeviceIdentity identity;
    private final Descriptor descriptor;
    private final StagedTransfer transfer;
    private final ReservedSpace reserved;
    private final RankedLock flushing = new RankedLock(LockRank.DEVICE_FLUSH);
    private @Nullable String flushFailure;

    private FileDevice(Path path, Access access, boolean direct, DeviceOpener.Opened opened) {
        this.name = path.toString();
        this.access = access;
        this.sizeBytes = opened.sizeBytes();
        this.identity = opened.status().identity();
        this.logicalBlockBytes = logicalBlockBytes(identity, opened.descriptor());
        this.descriptor = new Descriptor(name, opened.descriptor());
        this.reserved = new ReservedSpace(name, descriptor, sizeBytes, isImageFile());
        this.transfer = new StagedTransfer(descriptor, sizeBytes, direct ? Sectors.BLOCK_BYTES : 1);
    }

    /**
     * Opens an image file or a block device.
     *
     * @param direct whether to go around the host's page cache (O_DIRECT)
     * @throws DeviceInUseException where another process or the kernel uses it
     * @throws DeviceOpenException where it cannot be opened for any other reason; the message says which
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

    /** A block device that does not tell is taken for one with the smallest blocks, as an image file is. */
    private static int logicalBlockBytes(DeviceIdentity identity, int descriptor) {
        int answer = identity.blockNode() ? LinuxCalls.ioctlForInt(descriptor, BLKSSZGET) : 0;
        return Math.max(answer, Sectors.BYTES);
    }

    /** Which device this is, whatever name it was opened by. */
    public DeviceIdentity deviceIdentity() {
        return identity;
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, target.byteSize(), sizeBytes);
        if (target.isReadOnly()) {
            // The kernel would write to it all the same: it knows the address only.
            throw new IllegalArgumentException("the target of a read cannot be written");
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
    public void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes);
        requireWritable("reserve", offsetBytes, lengthBytes);
        reserved.reserve(offsetBytes, lengthBytes);
    }

    @Override
    public boolean promisesRoom() {
        return !isImageFile() || reserved.promises();
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
        int answer = descriptor.allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offsetBytes, lengthBytes);
        return switch (-answer) {
            case 0 -> true;
            case Errno.EOPNOTSUPP, Errno.ENOSYS, Errno.ENODEV -> false;
            case Errno.EINVAL -> notOnThisNode(offsetBytes, lengthBytes);
            default -> throw HostSpace.failure(name, "trim", offsetBytes, lengthBytes, -answer);
        };
    }

    /** A block device with sectors of 4 KiB refuses, as invalid, what is not whole sectors of its own. */
    private boolean notOnThisNode(long offsetBytes, long lengthBytes) throws DeviceException {
        if (!identity.blockNode()) {
            throw new DeviceException(name, "trim", offsetBytes, lengthBytes, LinuxCalls.message(Errno.EINVAL));
        }
        return false;
    }

    @Override
    public void prefetch(long offsetBytes, long lengthBytes) {
        advise(POSIX_FADV_WILLNEED, offsetBytes, lengthBytes);
    }

    @Override
    public void evict(long offsetBytes, long lengthBytes) {
        advise(POSIX_FADV_DONTNEED, offsetBytes, lengthBytes);
    }

    private void advise(int advice, long offsetBytes, long lengthBytes) {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes);
        try {
            // A length of zero would mean all that follows.
            if (lengthBytes > 0) {
                descriptor.advise(advice, offsetBytes, lengthBytes);
            }
        } catch (DeviceException e) {
            // The device was closed: whoever reads it next is told so.
            return;
        }
    }

    /**
     * Whether the range of an image file was never written, so that it reads as zeros and takes no space.
     *
     * @return false also where that cannot be told: a block device, or a file system that knows no holes
     */
    public boolean isHole(long offsetBytes, long lengthBytes) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes);
        if (identity.blockNode()) {
            return false;
        }
        // A block that is allocated and was never written counts as data once it was read, as long as the host keeps it
        // in memory.
        evict(offsetBytes, lengthBytes);
        long dataBytes = descriptor.seek(offsetBytes, SEEK_DATA);
        // ENXIO is the answer where no data follows at all.
        return dataBytes == -Errno.ENXIO || dataBytes >= offsetBytes + lengthBytes;
    }

    private void requireWritable(String verb, long offsetBytes, long lengthBytes) throws DeviceException {
        if (access == Access.READ_ONLY) {
            throw new DeviceException(name, verb, offsetBytes, lengthBytes, "the device was opened read-only");
        }
    }

    /** Lets go of the device and its lock. Nothing is flushed: what must last was flushed by whom it concerned. */
    @Override
    public void close() throws DeviceException {
        transfer.close();
        descriptor.close();
    }
}

package io.mdfuse.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An open file descriptor, and system calls on it that retry until the full length is transferred.
 *
 * <p>The kernel reuses the number of a closed descriptor at once, so a write that is still in progress at the time of a
 * close could reach another file. Therefore calls in progress are counted, and the descriptor is closed when none is
 * left: at {@link #close()}, or at the end of the last call that was in progress then. May be used by several threads.
 */
final class Descriptor implements StagedTransfer.Target {
    /** The ioctl of linux/fs.h that discards a range: its offset and its length in bytes. */
    private static final long BLKDISCARD = 0x1277;

    private final String name;
    private final int number;

    /** The number of calls in progress, plus one until {@link #close()}. At 0 the descriptor is closed. */
    private final AtomicInteger users = new AtomicInteger(1);

    /** Set by {@link #close()}: new calls are refused, though others may still be in progress. */
    private final AtomicBoolean closed = new AtomicBoolean();

    Descriptor(String name, int number) {
        this.name = name;
        this.number = number;
    }

    /** Fills a native segment. The end of the file within the range is an error; it is never read as zeros. */
    @Override
    public void readFully(long offsetBytes, MemorySegment target) throws DeviceException {
        enter("read", offsetBytes, target.byteSize());
        try {
            long doneBytes = 0;
            while (doneBytes < target.byteSize()) {
                long count = LinuxCalls.pread(number, remaining(target, doneBytes), offsetBytes + doneBytes);
                if (count == 0) {
                    String reason = "the device ends at " + (offsetBytes + doneBytes) + ", before its size when opened";
                    throw new DeviceException(name, "read", offsetBytes, target.byteSize(), reason);
                }
                doneBytes += checked(count, "read", offsetBytes, target.byteSize());
            }
        } finally {
            leave();
        }
    }

    /** Writes all of a native segment. */
    @Override
    public void writeFully(long offsetBytes, MemorySegment source) throws DeviceException {
        if (!tryWriteFully(offsetBytes, source)) {
            throw HostSpace.failure(name, "write", offsetBytes, source.byteSize(), Errno.EINVAL);
        }
    }

    /**
     * Writes all of a native segment, unless the kernel says that this is no write it can make (EINVAL): with O_DIRECT
     * that means an alignment that the file system or its disk does not take.
     *
     * @return false if so; a part of the segment may have been written
     */
    boolean tryWriteFully(long offsetBytes, MemorySegment source) throws DeviceException {
        enter("write", offsetBytes, source.byteSize());
        try {
            long doneBytes = 0;
            while (doneBytes < source.byteSize()) {
                long count = LinuxCalls.pwrite(number, remaining(source, doneBytes), offsetBytes + doneBytes);
                if (count == -Errno.EINVAL) {
                    return false;
                }
                if (count == 0) {
                    throw new DeviceException(name, "write", offsetBytes, source.byteSize(), "the host wrote no byte");
                }
                doneBytes += checked(count, "write", offsetBytes, source.byteSize());
            }
            return true;
        } finally {
            leave();
        }
    }

    private static MemorySegment remaining(MemorySegment whole, long doneBytes) {
        return doneBytes == 0 ? whole : whole.asSlice(doneBytes);
    }

    /** The number of bytes transferred; 0 if a signal interrupted the call, which is then repeated. */
    private long checked(long count, String verb, long offsetBytes, long lengthBytes) throws DeviceException {
        if (count >= 0) {
            return count;
        }
        if (count == -Errno.EINTR) {
            return 0;
        }
        throw HostSpace.failure(name, verb, offsetBytes, lengthBytes, (int) -count);
    }

    /** Opens the same file once more, with O_DIRECT and for writing only; null if the host does not allow it. */
    @Nullable
    Descriptor reopenedDirect() throws DeviceException {
        enter("open", 0, 0);
        try {
            int opened = DeviceOpener.reopenDirect(number);
            return opened < 0 ? null : new Descriptor(name, opened);
        } finally {
            leave();
        }
    }

    /** Calls fdatasync; an error number for lack of space is no {@link NoSpaceException}, as writes may be lost. */
    void dataSync() throws DeviceException {
        enter("flush", 0, 0);
        try {
            int answer;
            do {
                answer = LinuxCalls.fdatasync(number);
            } while (answer == -Errno.EINTR);
            if (answer < 0) {
                throw HostSpace.isOutOfSpace(-answer)
                        ? DeviceException.writesLostForLackOfSpace(name, LinuxCalls.message(-answer))
                        : new DeviceException(name, "flush", 0, 0, LinuxCalls.message(-answer));
            }
        } finally {
            leave();
        }
    }

    /** Calls fallocate; returns 0 or the negated error number. */
    int fallocate(int mode, long offsetBytes, long lengthBytes) throws DeviceException {
        enter("trim", offsetBytes, lengthBytes);
        try {
            int answer;
            do {
                answer = LinuxCalls.fallocate(number, mode, offsetBytes, lengthBytes);
            } while (answer == -Errno.EINTR);
            return answer;
        } finally {
            leave();
        }
    }

    /** Tells a block device that a range is not needed (ioctl BLKDISCARD); returns 0 or the negated error number. */
    int discard(long offsetBytes, long lengthBytes) throws DeviceException {
        enter("discard", offsetBytes, lengthBytes);
        try (Arena arena = Arena.ofConfined()) {
            return LinuxCalls.ioctl(
                    number, BLKDISCARD, arena.allocateFrom(ValueLayout.JAVA_LONG, offsetBytes, lengthBytes));
        } finally {
            leave();
        }
    }

    /** Calls posix_fadvise; its result is ignored, since it is only a hint. */
    void advise(int advice, long offsetBytes, long lengthBytes) throws DeviceException {
        enter("advise", offsetBytes, lengthBytes);
        try {
            LinuxCalls.fadvise(number, offsetBytes, lengthBytes, advice);
        } finally {
            leave();
        }
    }

    /** Calls sync_file_range to start the writeback of dirty pages; its result is ignored, since it is only a hint. */
    void beginWriteback(long offsetBytes, long lengthBytes) {
        try {
            enter("flush", offsetBytes, lengthBytes);
            try {
                LinuxCalls.beginWriteback(number, offsetBytes, lengthBytes);
            } finally {
                leave();
            }
        } catch (DeviceException e) {
            // The device was closed: the next flush will fail.
            return;
        }
    }

    /** Calls lseek; returns the position found or the negated error number. */
    long seek(long offsetBytes, int whence) throws DeviceException {
        enter("seek", offsetBytes, 0);
        try {
            return LinuxCalls.lseek(number, offsetBytes, whence);
        } finally {
            leave();
        }
    }

    /** The bytes that the file occupies on its file system: stx_blocks. */
    long allocatedBytes() throws DeviceException {
        enter("stat", 0, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(LinuxCalls.STATX_BYTES, Long.BYTES);
            int answer = LinuxCalls.statx(number, statx);
            if (answer < 0) {
                throw new DeviceException(name, "stat", 0, 0, LinuxCalls.message(-answer));
            }
            return statx.get(ValueLayout.JAVA_LONG, LinuxCalls.STX_BLOCKS_OFFSET) * Sectors.BYTES;
        } finally {
            leave();
        }
    }

    /** Closes the descriptor and releases its locks; a second call does nothing. */
    void close() throws DeviceException {
        if (closed.compareAndSet(false, true)) {
            leave();
        }
    }

    private void enter(String verb, long offsetBytes, long lengthBytes) throws DeviceException {
        if (closed.get() || users.getAndUpdate(count -> count == 0 ? 0 : count + 1) == 0) {
            throw new DeviceException(name, verb, offsetBytes, lengthBytes, "the device was closed");
        }
    }

    private void leave() throws DeviceException {
        if (users.decrementAndGet() == 0) {
            DeviceOpener.unlock(number);
            int answer = LinuxCalls.close(number);
            // After EINTR Linux has closed the descriptor nevertheless.
            if (answer < 0 && answer != -Errno.EINTR) {
                throw new DeviceException(name, "close", 0, 0, LinuxCalls.message(-answer));
            }
        }
    }
}

package io.mdfuse.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file descriptor, and reads and writes of full length through it.
 *
 * <p>The kernel hands out the number of a closed descriptor again at once. A write that was still on its way could
 * then land in another file. So each call counts itself in and out, and the descriptor is closed by the last one
 * out: at {@link #close()}, or when the last call that was under way then has ended.
 */
final class Descriptor {
    private final String name;
    private final int number;

    /** The calls under way, and one more until close. At 0 the number is no longer ours. */
    private final AtomicInteger users = new AtomicInteger(1);

    /** Lets nobody in any more, though some may still be on their way out. */
    private final AtomicBoolean closed = new AtomicBoolean();

    Descriptor(String name, int number) {
        this.name = name;
        this.number = number;
    }

    /** Reads the whole of a native segment; the end of the file within it is an error, never zeros. */
    void readFully(long offsetBytes, MemorySegment target) throws DeviceException {
        enter("read", offsetBytes, target.byteSize());
        try {
            long doneBytes = 0;
            while (doneBytes < target.byteSize()) {
                long count = LinuxCalls.pread(number, rest(target, doneBytes), offsetBytes + doneBytes);
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

    /** Writes the whole of a native segment. */
    void writeFully(long offsetBytes, MemorySegment source) throws DeviceException {
        enter("write", offsetBytes, source.byteSize());
        try {
            long doneBytes = 0;
            while (doneBytes < source.byteSize()) {
                long count = LinuxCalls.pwrite(number, rest(source, doneBytes), offsetBytes + doneBytes);
                if (count == 0) {
                    throw new DeviceException(name, "write", offsetBytes, source.byteSize(), "nothing was accepted");
                }
                doneBytes += checked(count, "write", offsetBytes, source.byteSize());
            }
        } finally {
            leave();
        }
    }

    private static MemorySegment rest(MemorySegment whole, long doneBytes) {
        return doneBytes == 0 ? whole : whole.asSlice(doneBytes);
    }

    /** The count of bytes moved; none where a signal came in between, and the call is to be made again. */
    private long checked(long count, String verb, long offsetBytes, long lengthBytes) throws DeviceException {
        if (count >= 0) {
            return count;
        }
        if (count == -Errno.EINTR) {
            return 0;
        }
        throw HostSpace.failure(name, verb, offsetBytes, lengthBytes, (int) -count);
    }

    void dataSync() throws DeviceException {
        enter("flush", 0, 0);
        try {
            int answer;
            do {
                answer = LinuxCalls.fdatasync(number);
            } while (answer == -Errno.EINTR);
            if (answer < 0) {
                throw HostSpace.lacksRoom(-answer)
                        ? DeviceException.lostForWantOfRoom(name, LinuxCalls.message(-answer))
                        : new DeviceException(name, "flush", 0, 0, LinuxCalls.message(-answer));
            }
        } finally {
            leave();
        }
    }

    /** Calls fallocate; answers 0 or the negated error number. */
    int allocate(int mode, long offsetBytes, long lengthBytes) throws DeviceException {
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

    /** Calls posix_fadvise, whose answer is of no use: it only ever advises. */
    void advise(int advice, long offsetBytes, long lengthBytes) throws DeviceException {
        enter("advise", offsetBytes, lengthBytes);
        try {
            LinuxCalls.fadvise(number, offsetBytes, lengthBytes, advice);
        } finally {
            leave();
        }
    }

    /** Calls lseek; answers the position found or the negated error number. */
    long seek(long offsetBytes, int whence) throws DeviceException {
        enter("seek", offsetBytes, 0);
        try {
            return LinuxCalls.lseek(number, offsetBytes, whence);
        } finally {
            leave();
        }
    }

    /** How much room the file takes, in bytes: stx_blocks. */
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

    /** Lets go of the descriptor; a second call does nothing. */
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

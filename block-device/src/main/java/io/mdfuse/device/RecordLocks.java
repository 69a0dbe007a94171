package io.mdfuse.device;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Byte-range locks of the open file description (F_OFD_SETLK, Linux 3.15), in addition to flock: qemu and its tools use
 * these. The kernel releases them when the descriptor is closed.
 *
 * <p>A writer locks the whole file for writing, which excludes every other lock of this kind. A reader shares the file
 * with readers, by qemu's rules (seen with qemu 7.2): all locks of qemu are read locks of one byte each, and each byte
 * has a meaning.
 *
 * <pre>
 *   100 reads   101 writes   103 resizes               what the holder does
 *   200 reading 201 writing  203 resizing              what the holder forbids other processes
 * </pre>
 *
 * <p>So a reader locks 100, 201 and 203, and refuses if 101, 103 or 200 is locked. A read lock of the whole file would
 * not detect a qemu that writes, and would exclude one that reads.
 */
final class RecordLocks {
    private static final int F_OFD_GETLK = 36;
    private static final int F_OFD_SETLK = 37;
    private static final short F_RDLCK = 0;
    private static final short F_WRLCK = 1;
    private static final short F_UNLCK = 2;

    private static final int CIFS_MAGIC = 0xff534d42;
    private static final int SMB2_MAGIC = 0xfe534d42;
    private static final long STATFS_BYTES = 120;

    private static final long FLOCK_BYTES = 32;
    private static final long START_OFFSET = 8;
    private static final long LENGTH_OFFSET = 16;

    /** The range of a lock in bytes. A length of 0 means up to the end of the file, even if the file grows. */
    private record Range(long startBytes, long lengthBytes) {}

    private static final Range WHOLE = new Range(0, 0);

    /** Every byte except those that would say that this reader writes or resizes, or forbids reading. */
    private static final Range[] READER_LOCKS = {
        new Range(0, 101), new Range(201, 1), new Range(203, 1), new Range(264, 0)
    };

    private static final Range[] INCOMPATIBLE_WITH_READER = {new Range(101, 1), new Range(103, 1), new Range(200, 1)};

    private RecordLocks() {}

    /**
     * Locks, without waiting.
     *
     * @return false if another process has a conflicting lock. True also if the file system has no such locks
     */
    static boolean lock(int descriptor, Access access) {
        try (Arena arena = Arena.ofConfined()) {
            if (flockConflictsWithOwnLocks(descriptor, arena)) {
                return true;
            }
            MemorySegment flock = arena.allocate(FLOCK_BYTES, Long.BYTES);
            if (access == Access.READ_WRITE) {
                return set(descriptor, flock, F_WRLCK, WHOLE);
            }
            for (Range range : READER_LOCKS) {
                if (!set(descriptor, flock, F_RDLCK, range)) {
                    return false;
                }
            }
            // Tested after the locks are set, so that of two processes that begin at the same time one sees the other.
            for (Range range : INCOMPATIBLE_WITH_READER) {
                if (isLocked(descriptor, flock, range)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Releases all locks of {@link #lock}; does nothing if there is none. */
    static void unlock(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            set(descriptor, arena.allocate(FLOCK_BYTES, Long.BYTES), F_UNLCK, WHOLE);
        }
    }

    /**
     * True on a Windows share: there flock is a lock of the whole file on the server, which refuses a second lock even
     * of the same process.
     */
    private static boolean flockConflictsWithOwnLocks(int descriptor, Arena arena) {
        MemorySegment statfs = arena.allocate(STATFS_BYTES, Long.BYTES);
        if (LinuxCalls.fstatfs(descriptor, statfs) < 0) {
            return false;
        }
        int magic = (int) statfs.get(JAVA_LONG, 0);
        return magic == CIFS_MAGIC || magic == SMB2_MAGIC;
    }

    private static boolean set(int descriptor, MemorySegment flock, short type, Range range) {
        fill(flock, type, range);
        int answer;
        do {
            answer = LinuxCalls.fcntl(descriptor, F_OFD_SETLK, flock);
        } while (answer == -Errno.EINTR);
        return answer != -Errno.EAGAIN && answer != -Errno.EACCES;
    }

    private static boolean isLocked(int descriptor, MemorySegment flock, Range range) {
        fill(flock, F_WRLCK, range);
        return LinuxCalls.fcntl(descriptor, F_OFD_GETLK, flock) == 0 && flock.get(JAVA_SHORT, 0) != F_UNLCK;
    }

    /** Fills a {@code struct flock}; l_whence is SEEK_SET and l_pid 0, as these commands require. */
    private static void fill(MemorySegment flock, short type, Range range) {
        flock.fill((byte) 0);
        flock.set(JAVA_SHORT, 0, type);
        flock.set(JAVA_LONG, START_OFFSET, range.startBytes());
        flock.set(JAVA_LONG, LENGTH_OFFSET, range.lengthBytes());
    }
}

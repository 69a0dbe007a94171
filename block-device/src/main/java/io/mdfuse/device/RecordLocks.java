package io.mdfuse.device;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Byte-range locks of the open file description (F_OFD_SETLK, Linux 3.15), beside flock: these are what qemu and its
 * tools take and see. They die with the descriptor.
 *
 * <p>A writer locks the whole file for writing, which no other lock of this kind can share. A reader shares the file
 * with readers, by qemu's own rules (seen with qemu 7.2): all of qemu's locks are read locks, each of one byte, and
 * each byte says something.
 *
 * <pre>
 *   100 reads   101 writes   103 resizes               this is what the holder does
 *   200 reading 201 writing  203 resizing              this is what the holder can't bear another to do
 * </pre>
 *
 * <p>So a reader locks 100, 201 and 203, and refuses if 101, 103 or 200 is locked. A read lock of the whole
 * file would not see a qemu that writes, and would keep out one that reads.
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

    /**
     * The range of a lock: its first byte and its length, of which 0 means up to the end, however long the file gets.
     */
    private record Range(long startBytes, long lengthBytes) {}

    private static final Range WHOLE = new Range(0, 0);

    /** All but the bytes by which qemu says what this reader does not do. */
    private static final Range[] READER_LOCKS = {
        new Range(0, 101), new Range(201, 1), new Range(203, 1), new Range(264, 0)
    };

    private static final Range[] NOT_BESIDE_A_READER = {new Range(101, 1), new Range(103, 1), new Range(200, 1)};

    private RecordLocks() {}

    /**
     * Locks, without waiting.
     *
     * @return false if another process has a lock in the way. True also if the file system knows no such locks
     */
    static boolean lock(int descriptor, Access access) {
        try (Arena arena = Arena.ofConfined()) {
            if (flockIsSuchALock(descriptor, arena)) {
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
            // Looked at after the locks are set: of two that begin at once, one sees the other.
            for (Range range : NOT_BESIDE_A_READER) {
                if (isLocked(descriptor, flock, range)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Lets go of all that {@link #lock} has locked; does nothing if nothing is locked. */
    static void unlock(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            set(descriptor, arena.allocate(FLOCK_BYTES, Long.BYTES), F_UNLCK, WHOLE);
        }
    }

    /**
     * On a Windows share flock becomes a lock of the whole range by the server, which refuses a second one of the same
     * holder.
     */
    private static boolean flockIsSuchALock(int descriptor, Arena arena) {
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

    /** A {@code struct flock}; whence is SEEK_SET and the process 0, as these commands want it. */
    private static void fill(MemorySegment flock, short type, Range range) {
        flock.fill((byte) 0);
        flock.set(JAVA_SHORT, 0, type);
        flock.set(JAVA_LONG, START_OFFSET, range.startBytes());
        flock.set(JAVA_LONG, LENGTH_OFFSET, range.lengthBytes());
    }
}

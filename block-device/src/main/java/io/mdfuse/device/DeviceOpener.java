package io.mdfuse.device;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Opens a path exclusively, or says in one line why not.
 *
 * <p>Who is kept out, and how:
 *
 * <ul>
 *   <li>A block device is opened with O_EXCL, which the kernel refuses while the device is mounted, is part of
 *       an array, or is held by another process in the same way. A reader does so too: what somebody else is
 *       writing to cannot be read in a consistent state.
 *   <li>An image file is locked with flock: exclusively to write, shared to read. The lock lives as long as the
 *       descriptor and dies with the process.
 *   <li>Both are locked by {@link RecordLocks} besides, which programs that serve disk images take and see.
 *   <li>A loop device takes no lock on the file behind it, so a file that is attached to one is looked up and
 *       refused for writing.
 * </ul>
 */
final class DeviceOpener {
    private static final int O_RDONLY = 0;
    private static final int O_RDWR = 2;
    private static final int O_EXCL = 0x80;
    private static final int O_CLOEXEC = 0x80000;
    private static final int O_DIRECT_X86_RISCV = 0x4000;
    private static final int O_DIRECT_ARM = 0x10000;
    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int LOCK_UN = 8;
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(50);
    private static final int MOST_TRIES = 20;
    private static final int SEEK_END = 2;

    private DeviceOpener() {}

    /** What was opened. */
    record Opened(int descriptor, FileStatus status, long sizeBytes) {}

    static Opened open(Path path, Access access, boolean direct) throws DeviceOpenException {
        FileStatus expected = FileStatus.ofUsable(path);
        int flags = O_CLOEXEC | (access == Access.READ_WRITE ? O_RDWR : O_RDONLY);
        if (expected.kind() == FileStatus.Kind.BLOCK_NODE) {
            flags |= O_EXCL;
        }
        if (direct) {
            flags |= directFlag(path);
        }
        int descriptor = LinuxCalls.open(path, flags);
        if (descriptor == -Errno.EINVAL && direct) {
            throw new DeviceOpenException(
                    path.toString(), "the file system it is on does not support direct I/O; open it without");
        }
        if (descriptor == -Errno.EBUSY) {
            throw new DeviceInUseException(path.toString(), DeviceHolders.describe(path, expected.identity()));
        }
        if (descriptor < 0) {
            throw access == Access.READ_WRITE
                    ? OpenRefusals.notOpenedForWriting(path, expected.kind() == FileStatus.Kind.BLOCK_NODE, -descriptor)
                    : OpenRefusals.notOpened(path, -descriptor);
        }
        boolean usable = false;
        try {
            FileStatus status = FileStatus.of(path, descriptor);
            if (!status.equals(expected)) {
                throw new DeviceOpenException(
                        path.toString(), "was replaced by another file while it was being opened");
            }
            if (status.kind() != FileStatus.Kind.FILE && access == Access.READ_WRITE) {
                WriteProtection.refuse(path, descriptor);
            }
            lock(path, access, status, descriptor);
            if (status.kind() == FileStatus.Kind.FILE && access == Access.READ_WRITE) {
                refuseAttached(path, status);
            }
            Opened opened = new Opened(descriptor, status, sizeBytes(path, direct, status, descriptor));
            usable = true;
            return opened;
        } finally {
            if (!usable) {
                unlock(descriptor);
                LinuxCalls.close(descriptor);
            }
        }
    }

    private static int directFlag(Path path) throws DeviceOpenException {
        String architecture = System.getProperty("os.arch");
        return switch (architecture) {
            case "amd64", "riscv64" -> O_DIRECT_X86_RISCV;
            case "aarch64" -> O_DIRECT_ARM;
            default ->
                throw new DeviceOpenException(
                        path.toString(), "direct I/O is not known on " + architecture + "; open it without");
        };
    }

    /**
     * Locks the descriptor. The lock of a process that was killed can outlive it for a moment, in a child that it was
     * just starting, so a lock of which no process can be seen is waited for, for a second. A close lets go at once:
     * {@link #unlock}.
     */
    private static void lock(Path path, Access access, FileStatus status, int descriptor) throws DeviceOpenException {
        for (int tries = 1; !takesLocks(path, access, status, descriptor); tries++) {
            String holder = status.kind() == FileStatus.Kind.FILE
                    ? LockHolders.ofFile(status.identity(), descriptor)
                    : LockHolders.ofNode(path, descriptor);
            if (holder != null || tries == MOST_TRIES) {
                String named =
                        holder == null ? "another process, which only root can name" + LockHolders.STOP_FIRST : holder;
                throw new DeviceInUseException(path.toString(), "is locked by " + named);
            }
            try {
                Thread.sleep(BETWEEN_TRIES);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DeviceInUseException(path.toString(), "is locked by a process that is not to be seen");
            }
        }
    }

    private static boolean takesLocks(Path path, Access access, FileStatus status, int descriptor)
            throws DeviceOpenException {
        if (status.kind() == FileStatus.Kind.FILE) {
            int operation = (access == Access.READ_WRITE ? LOCK_EX : LOCK_SH) | LOCK_NB;
            int answer;
            do {
                answer = LinuxCalls.flock(descriptor, operation);
            } while (answer == -Errno.EINTR);
            if (answer == -Errno.EAGAIN) {
                return false;
            }
            if (answer < 0) {
                throw new DeviceOpenException(path.toString(), "cannot be locked: " + LinuxCalls.message(-answer));
            }
        }
        return RecordLocks.lock(descriptor, access);
    }

    /**
     * Lets go of what {@link #open} has locked. A close alone would not always do: a child process shares every open
     * file from its fork to its exec, O_CLOEXEC or not, and a lock lasts until the last that shares the file has closed
     * it. So a process that is being started at that moment would keep the device locked. Errors are of no use: there
     * may be no lock, and the close follows.
     */
    static void unlock(int descriptor) {
        LinuxCalls.flock(descriptor, LOCK_UN);
        RecordLocks.unlock(descriptor);
    }

    private static void refuseAttached(Path path, FileStatus status) throws DeviceOpenException {
        String loop = LoopDevices.attachedTo(path, status.identity());
        if (loop != null) {
            throw new DeviceInUseException(
                    path.toString(), "is attached to " + loop + "; detach it first (losetup -d " + loop + ")");
        }
    }

    private static long sizeBytes(Path path, boolean direct, FileStatus status, int descriptor)
            throws DeviceOpenException {
        long sizeBytes = LinuxCalls.lseek(descriptor, 0, SEEK_END);
        if (sizeBytes < 0) {
            throw new DeviceOpenException(
                    path.toString(), "its size cannot be found: " + LinuxCalls.message((int) -sizeBytes));
        }
        if (sizeBytes == 0) {
            throw new DeviceOpenException(path.toString(), "is empty: it has a size of 0 bytes");
        }
        // The odd end of a block device is whole sectors, which it can write; a file's end could not be written
        // without making the file longer.
        if (direct && status.kind() == FileStatus.Kind.FILE && sizeBytes % Sectors.BLOCK_BYTES != 0) {
            throw new DeviceOpenException(
                    path.toString(),
                    "has a size of " + sizeBytes + " bytes, and direct I/O wants a multiple of 4096; open it without");
        }
        return sizeBytes;
    }
}

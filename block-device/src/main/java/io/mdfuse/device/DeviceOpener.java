package io.mdfuse.device;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Opens a path and locks the device against other users, or throws an exception with one line that says why that is not
 * possible.
 *
 * <p>These locks exclude other users:
 *
 * <ul>
 *   <li>A block device is opened with O_EXCL, for reading too. The kernel refuses that while the device is mounted, is
 *       part of an array, or is open with O_EXCL in another process. A device that another program writes can't be read
 *       in a consistent state.
 *   <li>An image file is locked with flock: exclusively for writing, shared for reading. The kernel releases the lock
 *       when the descriptor is closed or the process ends.
 *   <li>Both are also locked with {@link RecordLocks}, which programs that serve disk images use.
 *   <li>A loop device does not lock the file behind it. So a file that is attached to a loop device is refused for
 *       writing ({@link LoopDevices}), and a loop device whose file is locked is refused.
 * </ul>
 */
final class DeviceOpener {
    private static final int O_RDONLY = 0;
    private static final int O_WRONLY = 1;
    private static final int O_RDWR = 2;
    private static final int O_EXCL = 0x80;
    private static final int O_CLOEXEC = 0x80000;
    private static final int O_DIRECT_X86_RISCV = 0x4000;
    private static final int O_DIRECT_ARM = 0x10000;
    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int LOCK_UN = 8;
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(50);
    private static final int MAX_TRIES = 20;
    private static final int SEEK_END = 2;

    private DeviceOpener() {}

    /** An open and locked descriptor, with the status and the size of the device. */
    record Opened(int descriptor, FileStatus status, long sizeBytes) {}

    static Opened open(Path path, Access access, boolean direct) throws DeviceOpenException {
        FileStatus expected = FileStatus.ofUsable(path);
        OwnMounts.refuse(path, expected);
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
                WriteProtection.refuseIfProtected(path, descriptor);
            }
            lock(path, access, status, descriptor);
            if (status.kind() == FileStatus.Kind.FILE && access == Access.READ_WRITE) {
                refuseIfAttached(path, status);
            }
            if (status.kind() == FileStatus.Kind.BLOCK_NODE) {
                refuseIfBackingIsInUse(path, access);
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

    /**
     * Opens the file of an open descriptor once more, with O_DIRECT and for writing only. The new descriptor has no
     * locks; those of the first one last until the first one is closed.
     *
     * @return the new descriptor, or a negated error number: no direct I/O on this file system, or no /proc
     */
    static int reopenDirect(int descriptor) {
        int direct = directFlag();
        return direct == 0
                ? -Errno.EINVAL
                : LinuxCalls.open(Path.of("/proc/self/fd/" + descriptor), O_CLOEXEC | O_WRONLY | direct);
    }

    private static int directFlag(Path path) throws DeviceOpenException {
        int flag = directFlag();
        if (flag == 0) {
            throw new DeviceOpenException(
                    path.toString(),
                    "direct I/O is not known on " + System.getProperty("os.arch") + "; open it without");
        }
        return flag;
    }

    /** O_DIRECT, or 0 on an architecture whose value is not known here. */
    private static int directFlag() {
        return switch (System.getProperty("os.arch")) {
            case "amd64", "riscv64" -> O_DIRECT_X86_RISCV;
            case "aarch64" -> O_DIRECT_ARM;
            default -> 0;
        };
    }

    /**
     * Locks the descriptor. The lock of a killed process may last a moment longer, in a child process that was being
     * started. So if no process can be found that holds the lock, the call retries for a second. A close releases the
     * lock at once: {@link #unlock}.
     */
    private static void lock(Path path, Access access, FileStatus status, int descriptor) throws DeviceOpenException {
        for (int tries = 1; !tryLock(path, access, status, descriptor); tries++) {
            String holder = status.kind() == FileStatus.Kind.FILE
                    ? LockHolders.ofFile(status.identity(), descriptor)
                    : LockHolders.ofNode(path, descriptor);
            if (holder != null || tries == MAX_TRIES) {
                String named =
                        holder == null ? "another process, which only root can name" + LockHolders.STOP_FIRST : holder;
                throw new DeviceInUseException(path.toString(), "is locked by " + named);
            }
            try {
                Thread.sleep(RETRY_INTERVAL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DeviceInUseException(path.toString(), "is locked by a process that is not to be seen");
            }
        }
    }

    private static boolean tryLock(Path path, Access access, FileStatus status, int descriptor)
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
     * Releases the locks of {@link #open}. A close alone would not always release them: between its fork and its exec a
     * child process shares every open file, also with O_CLOEXEC, and a lock lasts until all processes that share the
     * file have closed it. So a process that is just being started would keep the device locked. Errors are ignored:
     * the descriptor may have no lock, and its close follows.
     */
    static void unlock(int descriptor) {
        LinuxCalls.flock(descriptor, LOCK_UN);
        RecordLocks.unlock(descriptor);
    }

    private static void refuseIfAttached(Path path, FileStatus status) throws DeviceOpenException {
        String loop = LoopDevices.attachedTo(path, status.identity());
        if (loop != null) {
            throw new DeviceInUseException(
                    path.toString(), "is attached to " + loop + "; detach it first (losetup -d " + loop + ")");
        }
    }

    /**
     * Refuses a loop device whose file is open here or in another process as a device of its own: the file and the loop
     * device would be two ways to the same bytes, and a lock on one does not exclude the other.
     */
    private static void refuseIfBackingIsInUse(Path path, Access access) throws DeviceOpenException {
        Path file = LoopBacking.of(path).map(LoopBacking::file).orElse(null);
        int descriptor = file == null ? -1 : LinuxCalls.open(file, O_CLOEXEC | O_RDONLY);
        if (file == null || descriptor < 0) {
            // No loop device, or its file was moved, or only root may open the file: no lock can be seen then.
            return;
        }
        try {
            int operation = (access == Access.READ_WRITE ? LOCK_EX : LOCK_SH) | LOCK_NB;
            if (LinuxCalls.flock(descriptor, operation) == -Errno.EAGAIN) {
                throw new DeviceInUseException(
                        path.toString(),
                        "leads to " + file + ", which is in use itself: give the file, or end its use");
            }
        } finally {
            LinuxCalls.flock(descriptor, LOCK_UN);
            LinuxCalls.close(descriptor);
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
            throw DeviceOpenException.empty(path.toString());
        }
        // The last, incomplete block of a block device consists of whole sectors, which can be written. With direct I/O
        // that of a file could be written only by making the file longer.
        if (direct && status.kind() == FileStatus.Kind.FILE && sizeBytes % Sectors.BLOCK_BYTES != 0) {
            throw new DeviceOpenException(
                    path.toString(),
                    "has a size of " + sizeBytes + " bytes, and direct I/O wants a multiple of 4096; open it without");
        }
        return sizeBytes;
    }
}

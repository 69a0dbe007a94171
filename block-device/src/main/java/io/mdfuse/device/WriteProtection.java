package io.mdfuse.device;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Detects a write-protected block device ({@code losetup -r}, {@code blockdev --setro}, a write blocker) when it is
 * opened. The kernel opens such a device for writing without an error and fails the first write. That would be too
 * late: the array would treat the device as faulty.
 */
final class WriteProtection {
    /** {@code _IO(0x12, 94)} of linux/fs.h, the same on every architecture. */
    private static final long BLKROGET = 0x125e;

    private WriteProtection() {}

    /** @throws DeviceOpenException if the block device is write-protected */
    static void refuseIfProtected(Path path, int descriptor) throws DeviceOpenException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment flag = arena.allocate(JAVA_INT);
            if (LinuxCalls.ioctl(descriptor, BLKROGET, flag) == 0 && flag.get(JAVA_INT, 0) != 0) {
                throw new DeviceOpenException(path.toString(), message(path));
            }
        }
    }

    /** What the user can do about a write-protected device, as the rest of a sentence that begins with its name. */
    static String message(Path path) {
        return "is write-protected: an array on it can be mounted with --read-only, or lift the protection ("
                + remedy(path) + ")";
    }

    /** A loop device that was attached read-only has opened its file for reading, so no flag makes it writable. */
    private static String remedy(Path path) {
        return path.startsWith("/dev") && String.valueOf(path.getFileName()).startsWith("loop")
                ? "losetup -d " + path + " and attach it without -r, or blockdev --setrw " + path
                : "blockdev --setrw " + path;
    }
}

package io.mdfuse.device;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * The kind and the identity of a file or device, decoded from {@code struct statx}, which has the same layout on every
 * architecture (unlike the older {@code struct stat}).
 *
 * <pre>
 *   offset  bytes  field (in the host's byte order)
 *       28      2  mode: the upper four bits are the kind of file
 *       32      8  inode
 *      128      4  rdev_major, of the device to which a node belongs
 *      132      4  rdev_minor
 *      136      4  dev_major, of the file system that contains the file
 *      140      4  dev_minor
 *      256         end
 * </pre>
 */
record FileStatus(Kind kind, DeviceIdentity identity) {
    private static final long STATX_BYTES = 256;
    private static final long MODE_OFFSET = 28;
    private static final long INODE_OFFSET = 32;
    private static final long RDEV_MAJOR_OFFSET = 128;
    private static final long RDEV_MINOR_OFFSET = 132;
    private static final long DEV_MAJOR_OFFSET = 136;
    private static final long DEV_MINOR_OFFSET = 140;

    private static final int TYPE_MASK = 0xf000;
    private static final int TYPE_BLOCK_NODE = 0x6000;
    private static final int TYPE_DIRECTORY = 0x4000;
    private static final int TYPE_FILE = 0x8000;

    enum Kind {
        FILE,
        BLOCK_NODE,
        DIRECTORY,
        OTHER
    }

    /**
     * The status of the file or block device to which the path leads.
     *
     * @throws DeviceOpenException if it does not exist or is something else
     */
    static FileStatus ofUsable(Path path) throws DeviceOpenException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(STATX_BYTES, Long.BYTES);
            int answer = LinuxCalls.statx(path, statx);
            if (answer < 0) {
                throw OpenRefusals.notOpened(path, -answer);
            }
            FileStatus status = decode(statx);
            if (status.kind == Kind.DIRECTORY) {
                throw new DeviceOpenException(path.toString(), "is a directory; give an image file or a block device");
            }
            if (status.kind == Kind.OTHER) {
                throw new DeviceOpenException(path.toString(), "is neither a file nor a block device");
            }
            return status;
        }
    }

    /** The status of an open descriptor. */
    static FileStatus of(Path path, int descriptor) throws DeviceOpenException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(STATX_BYTES, Long.BYTES);
            int answer = LinuxCalls.statx(descriptor, statx);
            if (answer < 0) {
                throw OpenRefusals.notOpened(path, -answer);
            }
            return decode(statx);
        }
    }

    private static FileStatus decode(MemorySegment statx) {
        Kind kind = switch (statx.get(JAVA_SHORT, MODE_OFFSET) & TYPE_MASK) {
            case TYPE_FILE -> Kind.FILE;
            case TYPE_BLOCK_NODE -> Kind.BLOCK_NODE;
            case TYPE_DIRECTORY -> Kind.DIRECTORY;
            default -> Kind.OTHER;
        };
        if (kind == Kind.BLOCK_NODE) {
            int major = statx.get(JAVA_INT, RDEV_MAJOR_OFFSET);
            int minor = statx.get(JAVA_INT, RDEV_MINOR_OFFSET);
            return new FileStatus(kind, new DeviceIdentity(true, major, minor, 0));
        }
        int major = statx.get(JAVA_INT, DEV_MAJOR_OFFSET);
        int minor = statx.get(JAVA_INT, DEV_MINOR_OFFSET);
        return new FileStatus(kind, new DeviceIdentity(false, major, minor, statx.get(JAVA_LONG, INODE_OFFSET)));
    }
}

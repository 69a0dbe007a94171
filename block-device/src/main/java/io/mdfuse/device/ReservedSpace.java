package io.mdfuse.device;

/**
 * Allocates blocks of an image file in its file system, with fallocate, before a write needs them. Blocks known to be
 * allocated are recorded in memory, so that system calls are needed once only for each range: one lseek that finds the
 * end of the data (at most 128 MiB ahead), and one fallocate for the hole. On a file system without fallocate nothing
 * is reserved, and a write may fail for lack of space ({@link HeldWritesDevice}).
 *
 * <p>For lseek, blocks that are allocated but were never written are a hole; allocating them again changes nothing.
 *
 * <p>May be used by several threads.
 */
final class ReservedSpace {
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int SEEK_HOLE = 4;

    private final String name;
    private final Descriptor descriptor;
    private final long sizeBytes;
    private final AllocatedBlocks allocated = new AllocatedBlocks();

    /** For a file the limit of ulimit -f: writes beyond it are refused even if the blocks are allocated. */
    private final long limitBytes;

    /** False for a device node, and once the file system has refused fallocate. */
    private volatile boolean reservable;

    /** @param isImageFile false for a device node, whose space need not be reserved */
    ReservedSpace(String name, Descriptor descriptor, long sizeBytes, boolean isImageFile) {
        this.name = name;
        this.descriptor = descriptor;
        this.sizeBytes = sizeBytes;
        this.reservable = isImageFile;
        this.limitBytes = isImageFile ? LinuxCalls.fileSizeLimitBytes() : Long.MAX_VALUE;
    }

    /** See {@link BlockDevice#reserve}. */
    void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
        if (offsetBytes + lengthBytes > limitBytes) {
            throw HostSpace.failure(name, "reserve", offsetBytes, lengthBytes, Errno.EFBIG);
        }
        long endBlock = Sectors.roundUp(offsetBytes + lengthBytes, Sectors.BLOCK_BYTES) / Sectors.BLOCK_BYTES;
        long block = allocated.firstUnknown(offsetBytes / Sectors.BLOCK_BYTES, endBlock);
        while (reservable && block < endBlock) {
            long end = allocated.firstKnown(block, endBlock);
            allocate(block, end);
            block = allocated.firstUnknown(end, endBlock);
        }
    }

    /** False for a device node, and if the file system has no fallocate. */
    boolean isSupported() {
        return reservable;
    }

    /** Records that the range may not be allocated any more, so that the next {@link #reserve} looks again. */
    void forget(long offsetBytes, long lengthBytes) {
        allocated.remove(
                offsetBytes / Sectors.BLOCK_BYTES,
                Sectors.roundUp(offsetBytes + lengthBytes, Sectors.BLOCK_BYTES) / Sectors.BLOCK_BYTES);
    }

    private void allocate(long block, long endBlock) throws DeviceException {
        long holeBytes = descriptor.seek(block * Sectors.BLOCK_BYTES, SEEK_HOLE);
        long hole = Math.max(block, holeBytes / Sectors.BLOCK_BYTES);
        if (hole > block) {
            long endOfRegion = (block / AllocatedBlocks.REGION_BLOCKS + 1) * AllocatedBlocks.REGION_BLOCKS;
            allocated.add(block, Math.min(hole, Math.max(endOfRegion, endBlock)));
        }
        if (hole >= endBlock || holeBytes >= sizeBytes) {
            allocated.add(block, endBlock);
            return;
        }
        long fromBytes = hole * Sectors.BLOCK_BYTES;
        long lengthBytes = Math.min(endBlock * Sectors.BLOCK_BYTES, sizeBytes) - fromBytes;
        int answer = descriptor.fallocate(FALLOC_FL_KEEP_SIZE, fromBytes, lengthBytes);
        if (answer == 0) {
            allocated.add(hole, endBlock);
        } else if (HostSpace.isOutOfSpace(-answer)) {
            throw HostSpace.failure(name, "reserve", fromBytes, lengthBytes, -answer);
        } else {
            // The file system has no fallocate. If something else is wrong, the write will report it.
            reservable = false;
        }
    }
}

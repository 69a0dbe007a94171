package io.mdfuse.device;

/**
 * The room that an image file has in its file system, and how it gets more: with fallocate, before a write needs it.
 * What is known to have its place is kept in memory, so that a range costs calls of the kernel once only: one lseek
 * that finds how far the data reaches (128 MiB at most), and one fallocate for what is a hole. A file system that knows
 * no fallocate promises nothing; its writes may be refused ({@link HeldWritesDevice}).
 *
 * <p>Blocks that are allocated and were never written count as a hole for lseek; to allocate them once more changes
 * nothing.
 */
final class ReservedSpace {
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int SEEK_HOLE = 4;

    private final String name;
    private final Descriptor descriptor;
    private final long sizeBytes;
    private final AllocatedBlocks allocated = new AllocatedBlocks();

    /** Of a file the limit that ulimit -f sets; writes beyond it are refused even in blocks that have their place. */
    private final long limitBytes;

    private volatile boolean reservable;

    /** @param isImageFile false for a device node, which has its room */
    ReservedSpace(String name, Descriptor descriptor, long sizeBytes, boolean isImageFile) {
        this.name = name;
        this.descriptor = descriptor;
        this.sizeBytes = sizeBytes;
        this.reservable = isImageFile;
        this.limitBytes = isImageFile ? LinuxCalls.fileSizeLimitBytes() : Long.MAX_VALUE;
    }

    /** Gives the range its room; see {@link BlockDevice#reserve}. */
    void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
        if (offsetBytes + lengthBytes > limitBytes) {
            throw HostSpace.failure(name, "reserve", offsetBytes, lengthBytes, Errno.EFBIG);
        }
        long endBlock = Sectors.roundUp(offsetBytes + lengthBytes, Sectors.BLOCK_BYTES) / Sectors.BLOCK_BYTES;
        long block = allocated.firstUnknown(offsetBytes / Sectors.BLOCK_BYTES, endBlock);
        while (reservable && block < endBlock) {
            long end = allocated.firstKnown(block, endBlock);
            fill(block, end);
            block = allocated.firstUnknown(end, endBlock);
        }
    }

    /** False if the file system has refused to reserve anything. */
    boolean promises() {
        return reservable;
    }

    /** The blocks may have lost their place: the next write has to ask again. */
    void forget(long offsetBytes, long lengthBytes) {
        allocated.remove(
                offsetBytes / Sectors.BLOCK_BYTES,
                Sectors.roundUp(offsetBytes + lengthBytes, Sectors.BLOCK_BYTES) / Sectors.BLOCK_BYTES);
    }

    private void fill(long block, long endBlock) throws DeviceException {
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
        int answer = descriptor.allocate(FALLOC_FL_KEEP_SIZE, fromBytes, lengthBytes);
        if (answer == 0) {
            allocated.add(hole, endBlock);
        } else if (HostSpace.lacksRoom(-answer)) {
            throw HostSpace.failure(name, "reserve", fromBytes, lengthBytes, -answer);
        } else {
            // What else is wrong with the file, if anything, the write will tell.
            reservable = false;
        }
    }
}

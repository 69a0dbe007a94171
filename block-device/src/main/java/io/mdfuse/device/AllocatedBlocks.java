package io.mdfuse.device;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which blocks of 4 KiB of a file are known to be allocated in the file system. There is a bit for each block, in
 * regions of 128 MiB, and only regions with a recorded block need memory. A region in which every block is
 * known to be allocated needs no bits. May be used by several threads.
 */
final class AllocatedBlocks {
    /** Blocks in a region. */
    static final int REGION_BLOCKS = 1 << 15;

    private final RankedLock lock = new RankedLock(LockRank.ALLOCATED_BLOCKS);
    private final Map<Long, BitSet> regions = new HashMap<>();
    /** The regions in which every block is known to be allocated; they have no bits. */
    private final Set<Long> full = new HashSet<>();

    /**
     * The first block from {@code block} on, below {@code endBlock}, that is not known to be allocated;
     * {@code endBlock} if all are.
     */
    long firstUnknown(long block, long endBlock) {
        try (RankedLock.Held _ = lock.acquire()) {
            for (long at = block; at < endBlock; at = endOfRegion(at)) {
                if (full.contains(at / REGION_BLOCKS)) {
                    continue;
                }
                BitSet bits = regions.get(at / REGION_BLOCKS);
                long found = bits == null ? at : at - inRegion(at) + bits.nextClearBit(inRegion(at));
                if (found < endOfRegion(at)) {
                    return Math.min(found, endBlock);
                }
            }
            return endBlock;
        }
    }

    /**
     * The first block from {@code block} on, below {@code endBlock}, that is known to be allocated; {@code endBlock} if
     * none is.
     */
    long firstKnown(long block, long endBlock) {
        try (RankedLock.Held _ = lock.acquire()) {
            for (long at = block; at < endBlock; at = endOfRegion(at)) {
                if (full.contains(at / REGION_BLOCKS)) {
                    return at;
                }
                BitSet bits = regions.get(at / REGION_BLOCKS);
                int found = bits == null ? -1 : bits.nextSetBit(inRegion(at));
                if (found >= 0) {
                    return Math.min(at - inRegion(at) + found, endBlock);
                }
            }
            return endBlock;
        }
    }

    /** Records that the blocks from {@code block} to before {@code endBlock} are allocated. */
    void add(long block, long endBlock) {
        try (RankedLock.Held _ = lock.acquire()) {
            for (long at = block; at < endBlock; at = endOfRegion(at)) {
                if (full.contains(at / REGION_BLOCKS)) {
                    continue;
                }
                BitSet bits = regions.computeIfAbsent(at / REGION_BLOCKS, _ -> new BitSet(REGION_BLOCKS));
                bits.set(inRegion(at), inRegion(at) + (int) (Math.min(endBlock, endOfRegion(at)) - at));
                if (bits.nextClearBit(0) >= REGION_BLOCKS) {
                    regions.remove(at / REGION_BLOCKS);
                    full.add(at / REGION_BLOCKS);
                }
            }
        }
    }

    /** Records that the blocks from {@code block} to before {@code endBlock} may not be allocated. */
    void remove(long block, long endBlock) {
        try (RankedLock.Held _ = lock.acquire()) {
            for (long at = block; at < endBlock; at = endOfRegion(at)) {
                if (full.remove(at / REGION_BLOCKS)) {
                    BitSet all = new BitSet(REGION_BLOCKS);
                    all.set(0, REGION_BLOCKS);
                    regions.put(at / REGION_BLOCKS, all);
                }
                BitSet bits = regions.get(at / REGION_BLOCKS);
                if (bits == null) {
                    continue;
                }
                bits.clear(inRegion(at), inRegion(at) + (int) (Math.min(endBlock, endOfRegion(at)) - at));
            }
        }
    }

    private static int inRegion(long block) {
        return (int) (block % REGION_BLOCKS);
    }

    private static long endOfRegion(long block) {
        return (block / REGION_BLOCKS + 1) * REGION_BLOCKS;
    }
}

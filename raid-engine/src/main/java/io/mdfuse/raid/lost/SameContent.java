package io.mdfuse.raid.lost;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/**
 * Compares the file systems that two arrangements show, block by block. If next to nothing was written, each stripe
 * holds one block and its copy as parity, and then two different orders can give the same bytes everywhere.
 */
final class SameContent {
    /** So many blocks are compared at most, 256 MiB; a file system with more is not called the same. */
    private static final int MAX_BLOCKS = 1 << 16;

    private final LostDevices devices;
    private final StripeSample sample;

    /** @param sample which blocks hold something */
    SameContent(LostDevices devices, StripeSample sample) {
        this.devices = devices;
        this.sample = sample;
    }

    /** True if every block of the file system was compared and is the same; what lies before it is not compared. */
    boolean of(Arrangement one, Arrangement two) {
        if (!sample.knowsAllOf(devices.shortestBytes())) {
            return false;
        }
        BitSet blocks = new BitSet();
        if (!addFilled(one, blocks) || !addFilled(two, blocks)) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment first = arena.allocate(BlockBytes.BLOCK, 4096);
            MemorySegment second = arena.allocate(BlockBytes.BLOCK, 4096);
            return blocks.stream().allMatch(block -> {
                long at = (long) block * BlockBytes.BLOCK;
                return devices.readVolume(one, at, first)
                        && devices.readVolume(two, at, second)
                        && first.mismatch(second) < 0;
            });
        }
    }

    /** Adds each block of the file system in whose stripe anything is stored; false if that is too many. */
    private boolean addFilled(Arrangement arrangement, BitSet blocks) {
        LostShape shape = arrangement.shape();
        BitSet filled = sample.filledSomewhere();
        for (int place = filled.nextSetBit(0); place >= 0; place = filled.nextSetBit(place + 1)) {
            long at = (long) place * BlockBytes.BLOCK - arrangement.dataOffsetBytes();
            if (at < 0) {
                continue;
            }
            for (int index = 0; index < shape.dataDisks(); index++) {
                long chunk = at / shape.chunkBytes() * shape.dataDisks() + index;
                long inside = chunk * shape.chunkBytes() + at % shape.chunkBytes() - arrangement.baseBytes();
                if (inside >= 0) {
                    blocks.set(Math.toIntExact(inside / BlockBytes.BLOCK));
                }
            }
            if (blocks.cardinality() > MAX_BLOCKS) {
                return false;
            }
        }
        return true;
    }
}

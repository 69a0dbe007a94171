package io.mdfuse.raid.lost;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongPredicate;

/** Finds stripes of which more than two blocks hold something and some begin with the same eight bytes. */
final class AlikeBlocks implements LongPredicate {
    private final LostDevices devices;
    private final StripeSample sample;

    AlikeBlocks(LostDevices devices, StripeSample sample) {
        this.devices = devices;
        this.sample = sample;
    }

    /**
     * True if the stripe at this place of the devices is one. Of two blocks that hold something, one can be data and
     * the other its parity.
     */
    @Override
    public boolean test(long place) {
        Set<Long> starts = new HashSet<>();
        int filled = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(BlockBytes.BLOCK, 4096);
            for (int device = 0; device < sample.devices(); device++) {
                if (sample.isFilled(device, place) && devices.read(device, place, block)) {
                    filled++;
                    starts.add(BlockBytes.le64(block, 0));
                }
            }
        }
        return filled > 2 && starts.size() < filled;
    }
}

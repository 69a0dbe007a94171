package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import io.mdfuse.device.UntouchedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Reusable 4 KiB pages of native memory, allocated from the system in slabs on demand. Not thread-safe: the
 * {@link StripeCache} guards it.
 */
final class PagePool implements AutoCloseable {
    private static final int SLAB_PAGES = 256;

    private @Nullable Arena arena;
    private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();
    private long allocated;

    MemorySegment acquire() {
        if (free.isEmpty()) {
            arena = arena == null ? Arena.ofShared() : arena;
            MemorySegment slab = UntouchedMemory.allocate(arena, (long) SLAB_PAGES * Sectors.BLOCK_BYTES);
            allocated += SLAB_PAGES;
            for (int page = 0; page < SLAB_PAGES; page++) {
                free.push(slab.asSlice((long) page * Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES));
            }
        }
        return free.pop();
    }

    /** How many pages have been allocated, in use or free. */
    long allocated() {
        return allocated;
    }

    void release(MemorySegment page) {
        free.push(page);
    }

    @Override
    public void close() {
        if (arena != null) {
            arena.close();
        }
    }
}

package io.mdfuse.raid.stripe;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A stripe with data that is in the journal and not on its members.
 *
 * <pre>
 *   CLEAN ──first block logged──▶ CACHING ──write-out──▶ WRITING_OUT ──members written──▶ CLEAN
 *                                  │   ▲                     │ fails
 *                                  └───┘ more blocks         └──▶ CACHING
 * </pre>
 *
 * CLEAN is not being in the {@link StripeCache}: members and parity are right. In CACHING the blocks here are the
 * newest; members and parity are old, but belong together. In WRITING_OUT parity is being made, logged and written with
 * the data; whoever does it holds the stripe, so no block changes meanwhile.
 *
 * <p>Guarded by the cache's lock.
 */
final class CachedStripe {
    private final long stripeSector;
    private final @Nullable MemorySegment[] blocks;
    private final Runnable whenWrittenOut;
    private int cachedBlocks;

    /**
     * Begins in CACHING, without a block yet.
     *
     * @param whenWrittenOut lets go of the place in the log where the stripe's first block lies
     */
    CachedStripe(long stripeSector, int dataDisks, Runnable whenWrittenOut) {
        this.stripeSector = stripeSector;
        this.blocks = new MemorySegment[dataDisks];
        this.whenWrittenOut = whenWrittenOut;
    }

    long stripeSector() {
        return stripeSector;
    }

    @Nullable
    MemorySegment block(int dataIndex) {
        return blocks[dataIndex];
    }

    /** The place of a block, made from the pool where there was none. */
    MemorySegment place(int dataIndex, PagePool pages) {
        MemorySegment page = blocks[dataIndex];
        if (page == null) {
            page = pages.take();
            blocks[dataIndex] = page;
            cachedBlocks++;
        }
        return page;
    }

    /** True where every data slot is cached, so that parity needs no reads. */
    boolean isFull() {
        return cachedBlocks == blocks.length;
    }

    /** True where the same slots are cached in both. */
    boolean sameSlots(CachedStripe other) {
        for (int index = 0; index < blocks.length; index++) {
            if ((blocks[index] == null) != (other.blocks[index] == null)) {
                return false;
            }
        }
        return true;
    }

    void giveBack(PagePool pages) {
        for (MemorySegment page : blocks) {
            if (page != null) {
                pages.giveBack(page);
            }
        }
    }

    void writtenOut() {
        whenWrittenOut.run();
    }
}

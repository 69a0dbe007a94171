package io.mdfuse.raid.stripe;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A stripe with data that is in the journal and not on its members.
 *
 * <pre>
 *   CLEAN ──{@link #page}──▶ CACHING ──{@link #beginWriteOut}──▶ WRITING_OUT ──{@link #endWriteOut}──▶ CLEAN
 *                      │  ▲                       │
 *                      └──┘ {@link #page}                └──{@link #failWriteOut}──▶ CACHING
 * </pre>
 *
 * <ul>
 *   <li>CLEAN: the stripe is not in the {@link StripeCache}; data and parity on the members are correct.
 *   <li>CACHING: the blocks here are the newest ones; data and parity on the members are old, but consistent.
 *   <li>WRITING_OUT: parity is computed, logged and written with the data, under a lease on the stripe; so no block
 *       changes meanwhile.
 * </ul>
 *
 * Guarded by the cache's lock.
 */
final class CachedStripe {
    /** A state of the diagram above. */
    enum State {
        CLEAN,
        CACHING,
        WRITING_OUT
    }

    private final long stripeSector;
    private final @Nullable MemorySegment[] blocks;
    private final Runnable afterWriteOut;
    private State state = State.CLEAN;
    private int cachedBlocks;

    /**
     * A clean stripe without blocks.
     *
     * @param afterWriteOut releases the log space from the stripe's first logged block on
     */
    CachedStripe(long stripeSector, int dataDisks, Runnable afterWriteOut) {
        this.stripeSector = stripeSector;
        this.blocks = new MemorySegment[dataDisks];
        this.afterWriteOut = afterWriteOut;
    }

    long stripeSector() {
        return stripeSector;
    }

    State state() {
        return state;
    }

    @Nullable
    MemorySegment block(int dataIndex) {
        return blocks[dataIndex];
    }

    /** The page for a new version of a block, allocated if the block was not cached. */
    MemorySegment page(int dataIndex, PagePool pages) {
        if (state == State.WRITING_OUT) {
            throw wrongState("a new block");
        }
        state = State.CACHING;
        MemorySegment page = blocks[dataIndex];
        if (page == null) {
            page = pages.acquire();
            blocks[dataIndex] = page;
            cachedBlocks++;
        }
        return page;
    }

    /** A write-out has copied the blocks. */
    void beginWriteOut() {
        require(State.CACHING, "a write-out");
        state = State.WRITING_OUT;
    }

    /** The write-out has failed: the blocks here are still the newest ones. */
    void failWriteOut() {
        require(State.WRITING_OUT, "the end of a write-out");
        state = State.CACHING;
    }

    /** The members have the blocks; frees the pages. */
    void endWriteOut(PagePool pages) {
        require(State.WRITING_OUT, "the end of a write-out");
        state = State.CLEAN;
        for (MemorySegment page : blocks) {
            if (page != null) {
                pages.release(page);
            }
        }
    }

    private void require(State expected, String event) {
        if (state != expected) {
            throw wrongState(event);
        }
    }

    private IllegalStateException wrongState(String event) {
        return new IllegalStateException(
                "the cached stripe at sector " + stripeSector + " is " + state + " at " + event);
    }

    boolean isWritingOut() {
        return state == State.WRITING_OUT;
    }

    /** True if every data slot is cached, so that its parity needs no reads. */
    boolean isFull() {
        return cachedBlocks == blocks.length;
    }

    /** True if the same data slots are cached in both stripes. */
    boolean hasSameSlots(CachedStripe other) {
        for (int index = 0; index < blocks.length; index++) {
            if ((blocks[index] == null) != (other.blocks[index] == null)) {
                return false;
            }
        }
        return true;
    }

    /** Releases the stripe's log space; call without the cache's lock. */
    void releaseLogSpace() {
        afterWriteOut.run();
    }
}

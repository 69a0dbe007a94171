package io.mdfuse.raid.array;

import io.mdfuse.raid.stripe.ChunkAlignedRead;
import io.mdfuse.raid.stripe.StripeCache;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeReader;
import java.util.concurrent.atomic.LongAdder;

/**
 * What serves the reads of an open array; writes and passes share the stripe locks, the reader and the cache.
 *
 * @param stripeCache the blocks cached for write-back; empty if the array has no journal
 * @param requestsServed counts requests, so that a background pass can give way to them
 */
record ReadPath(
        StripeLocks locks,
        StripeReader stripeReader,
        StripeCache stripeCache,
        ChunkAlignedRead chunkAlignedRead,
        LongAdder requestsServed) {
    /** Frees the memory. No read is in progress and none comes any more. */
    void close() {
        CloseSteps closing = new CloseSteps();
        closing.run(stripeReader::close);
        closing.run(stripeCache::close);
        closing.throwFirstUnchecked();
    }
}

package io.mdfuse.raid.array;

import io.mdfuse.raid.stripe.StripeCache;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeReader;
import io.mdfuse.raid.stripe.VolumeReader;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The parts that serve the reads of an open array with parity. Writes and passes use the same stripe locks, reader and
 * cache.
 *
 * @param stripeCache the blocks that are cached for write-back; empty if the array has no journal
 * @param volumeReader reads the volume
 * @param oldShapeReader solves blocks in the shape before a reshape; null if no reshape is in progress
 * @param requestsServed counts requests, so that background passes can slow down for them
 */
record ReadPath(
        StripeLocks locks,
        StripeReader stripeReader,
        StripeCache stripeCache,
        VolumeReader volumeReader,
        @Nullable StripeReader oldShapeReader,
        LongAdder requestsServed)
        implements ReadSide {
    @Override
    public void close() {
        CloseSteps closing = new CloseSteps();
        closing.run(stripeReader::close);
        closing.run(stripeCache::close);
        if (oldShapeReader != null) {
            closing.run(oldShapeReader::close);
        }
        closing.throwFirstUnchecked();
    }
}

package io.mdfuse.raid.sync;

import io.mdfuse.raid.stripe.StripeReader;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.writepath.WritePath;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Scrub} needs of its array.
 *
 * @param writePath writes the repairs; null for an array that is open read-only, which is only compared
 * @param mostStripesMended how many stripes the write path admits at once
 * @param executor runs the pass, and its reads of several members at the same time
 */
public record ScrubParts(
        PassParts pass,
        StripeReader stripeReader,
        SyncPosition syncPosition,
        @Nullable WritePath writePath,
        int mostStripesMended,
        Executor executor) {}

package io.mdfuse.raid.array;

import io.mdfuse.raid.stripe.RequestWriter;
import io.mdfuse.raid.writepath.Journaled;
import io.mdfuse.raid.writepath.Trimmer;
import io.mdfuse.raid.writepath.WritePath;
import org.jspecify.annotations.Nullable;

/**
 * What serves the writes of an open array.
 *
 * @param writePath what the requests' stripes are committed by
 * @param journaled the same as {@code writePath} if the array has a journal; null otherwise
 */
record WritePathParts(
        WritePath writePath, @Nullable Journaled journaled, RequestWriter requestWriter, Trimmer trimmer) {}

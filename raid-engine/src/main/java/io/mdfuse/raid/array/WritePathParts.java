package io.mdfuse.raid.array;

import io.mdfuse.raid.stripe.RequestWriter;
import io.mdfuse.raid.writepath.Journaled;
import io.mdfuse.raid.writepath.Trimmer;
import io.mdfuse.raid.writepath.WritePath;
import org.jspecify.annotations.Nullable;

/**
 * The parts that serve the writes of an open array.
 *
 * @param writePath commits the stripes that requests write
 * @param journaled the same object as {@code writePath} if the array has a journal; otherwise null
 */
record WritePathParts(
        WritePath writePath, @Nullable Journaled journaled, RequestWriter requestWriter, Trimmer trimmer) {}

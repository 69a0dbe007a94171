package io.mdfuse.raid.array;

import io.mdfuse.raid.sync.Resync;
import io.mdfuse.raid.sync.Scrub;
import org.jspecify.annotations.Nullable;

/**
 * What may pass over all stripes of an open array.
 *
 * @param resync null if none was needed at the opening
 * @param scrub of a read-only array it compares only
 */
record BackgroundPasses(@Nullable Resync resync, Scrub scrub, RebuildControl rebuilds, SyncPaces paces) {}

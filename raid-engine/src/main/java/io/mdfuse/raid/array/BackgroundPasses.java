package io.mdfuse.raid.array;

import io.mdfuse.raid.sync.Rebuild;
import io.mdfuse.raid.sync.Resync;
import io.mdfuse.raid.sync.Scrub;
import org.jspecify.annotations.Nullable;

/**
 * What may pass over all stripes of an open array.
 *
 * @param resync null if none was needed at the opening
 * @param scrub of a read-only array it compares alone
 * @param members starts rebuilds; null for a read-only array
 */
record BackgroundPasses(
        @Nullable Resync resync, Scrub scrub, @Nullable MemberManager members, SyncPaces paces) {
    /** The newest rebuild; null if there was none. */
    @Nullable
    Rebuild rebuild() {
        return members == null ? null : members.rebuild();
    }
}

package io.mdfuse.raid.array;

import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.DirtyRegions;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.FoundBitmap;
import io.mdfuse.raid.superblock.ResyncOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides where a resync starts when an array is opened, after its journal or partial parity logs were recovered.
 * Parity is in doubt in this part of the array:
 *
 * <pre>
 *   partial parity logs made all parity   none
 *   a member is missing, --force          none: parity can't be computed, so it is taken as correct
 *   the log was lost, or has gaps         all
 *   otherwise                             from the superblock's resync_offset on; if a bitmap is current, only its
 *                                         dirty regions
 * </pre>
 *
 * Chunks that a lockless bitmap calls never written, or not synced yet, are a separate matter: no crash has put them in
 * doubt, but they have no parity.
 */
final class ResyncStart {
    private ResyncStart() {}

    /**
     * The position at which a resync starts.
     *
     * @param bitmap null if the array has none
     * @param madeParityCorrect true if partial parity logs have made all parity correct
     * @param resyncAll true if the recovery of the journal leaves all parity in doubt
     * @param messages receives lines for the user
     */
    static SyncPosition position(
            Assembly assembly,
            MemberSet members,
            @Nullable FoundBitmap bitmap,
            boolean madeParityCorrect,
            boolean resyncAll,
            List<String> messages) {
        ResyncOffset start = madeParityCorrect ? ResyncOffset.inSync() : start(assembly, resyncAll);
        DirtyRegions regions = bitmap != null && bitmap.current() && !resyncAll
                ? new DirtyRegions(bitmap.head().chunkSectors(), bitmap.dirtyChunks())
                : null;
        SyncPosition position = new SyncPosition(start, regions, bitmap == null ? null : bitmap.states());
        boolean anyListed = members.writable().stream()
                .anyMatch(member -> !member.badBlocks().isEmpty());
        if (!position.inSync() && anyListed) {
            messages.add("blocks that are listed as bad in stripes whose parity may be wrong can't be read before the"
                    + " resync has passed them; from then on they are what parity says, as in md");
        }
        return position;
    }

    /** A member that failed during the recovery does not count as missing here. */
    private static ResyncOffset start(Assembly assembly, boolean resyncAll) {
        if (!assembly.missingSlots().isEmpty()) {
            return ResyncOffset.inSync();
        }
        return resyncAll ? ResyncOffset.dirty() : assembly.reference().resyncOffset();
    }
}

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
 * From where on parity is in doubt when an array is opened, after its journal or partial parity logs were recovered.
 *
 * <pre>
 *   partial parity logs made all parity   nowhere
 *   a member is missing, --force          nowhere: there is no way to make parity, so it is taken as correct
 *   the log was lost, or has gaps         everywhere
 *   otherwise                             from the superblock's resync_offset on; with a current bitmap only its
 *                                         dirty regions
 * </pre>
 */
final class ResyncStart {
    private ResyncStart() {}

    /**
     * The position at which a resync starts.
     *
     * @param bitmap null if the array has none
     * @param madeParityRight whether partial parity logs have made all parity right
     * @param resyncAll whether the recovery leaves all parity in doubt
     * @param messages receives what the user must know
     */
    static SyncPosition position(
            Assembly assembly,
            MemberSet members,
            @Nullable FoundBitmap bitmap,
            boolean madeParityRight,
            boolean resyncAll,
            List<String> messages) {
        ResyncOffset start = madeParityRight ? ResyncOffset.inSync() : start(assembly, resyncAll);
        DirtyRegions regions = bitmap != null && bitmap.current()
                ? new DirtyRegions(bitmap.head().chunkSectors(), bitmap.dirtyChunks())
                : null;
        SyncPosition position = new SyncPosition(start, regions);
        boolean anyListed = members.writable().stream()
                .anyMatch(member -> !member.badBlocks().isEmpty());
        if (!position.inSync() && anyListed) {
            messages.add("blocks that are listed as bad where parity is not known to be right can't be"
                    + " read before the resync has"
                    + " passed them; from then on they are what parity says, as in md");
        }
        return position;
    }

    /** A member that has failed only since, in the recovery, does not count as missing here. */
    private static ResyncOffset start(Assembly assembly, boolean resyncAll) {
        if (!assembly.missingSlots().isEmpty()) {
            return ResyncOffset.inSync();
        }
        return resyncAll ? ResyncOffset.dirty() : assembly.reference().resyncOffset();
    }
}

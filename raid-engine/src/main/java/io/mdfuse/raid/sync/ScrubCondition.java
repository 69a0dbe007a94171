package io.mdfuse.raid.sync;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;

/**
 * Checks that the stripes of an array have enough redundancy to compare: every slot has a member in sync, or of RAID-6
 * every slot but one. With one member missing, its block is solved with one parity, and the other parity shows whether
 * the stripe fits; md does the same.
 */
final class ScrubCondition {
    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final SyncPosition syncPosition;
    private final boolean readOnly;

    ScrubCondition(ArrayGeometry geometry, MemberSet members, SyncPosition syncPosition, boolean readOnly) {
        this.geometry = geometry;
        this.members = members;
        this.syncPosition = syncPosition;
        this.readOnly = readOnly;
    }

    /**
     * Returns the number of missing members.
     *
     * @throws IOException if the array can't be compared; the message gives the reason, and what to do
     */
    int requireComparable() throws IOException {
        members.requireSound();
        int missing = 0;
        for (int slot = 0; slot < members.size(); slot++) {
            if (members.replacement(slot) != null) {
                throw refused("the member of slot " + slot + " is being replaced: wait until that is through");
            }
            Member member = members.member(slot);
            if (member == null) {
                missing++;
            } else if (!member.inSync()) {
                throw refused("the member of slot " + slot + ", " + member.name()
                        + ", is not rebuilt yet: wait until it is (mdfuse wait)");
            }
        }
        if (missing >= geometry.layout().parityCount()) {
            throw refused("the array is degraded: " + missing + " of its " + members.size()
                    + " members are missing, and with them all redundancy: nothing is left to compare the blocks"
                    + " with; add devices first");
        }
        // No resync makes parity correct in an array that is open read-only, so there the mismatches are reported.
        if (!syncPosition.inSync() && (!readOnly || missing > 0)) {
            throw refused("parity is not synced everywhere yet: there is nothing to compare the data with");
        }
        return missing;
    }

    /**
     * Checks the same while a pass is under way, and that no further member is missing.
     *
     * @param missingAtStart the result of {@link #requireComparable()} when the pass started
     */
    void requireUnchanged(int missingAtStart) throws IOException {
        int missing = requireComparable();
        if (missing != missingAtStart) {
            throw refused("the array is degraded further: " + missing + " of its " + members.size()
                    + " members are missing; the same command compares what is left");
        }
    }

    private static ArrayRefusedException refused(String why) {
        return new ArrayRefusedException(Reason.UNSUPPORTED, why);
    }
}

package io.mdfuse.raid.sync;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;

/**
 * Whether the stripes of an array have redundancy left to compare: all members in their places or, of RAID-6, all but
 * one. With one missing, the missing block is solved with one parity, and the other parity tells whether the stripe
 * fits; md does the same.
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
     * How many members are missing.
     *
     * @throws IOException if the array can't be compared; the message says why, and what to do
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
        // Nothing makes parity right in an array that is open read-only: what does not fit is worth knowing there.
        if (!syncPosition.inSync() && (!readOnly || missing > 0)) {
            throw refused("parity is not synced everywhere yet: there is nothing to compare the data with");
        }
        return missing;
    }

    /**
     * As {@link #requireComparable()}, while a pass is under way.
     *
     * @param missingAtStart what that returned when the pass started
     */
    void requireAsItWas(int missingAtStart) throws IOException {
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

package io.mdfuse.raid.writepath;

import io.mdfuse.journal.Journal;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeParts;
import java.io.IOException;
import java.util.List;

/**
 * What the classes behind {@link Journaled} share.
 *
 * @param space reserves space in the log and on the hosts
 * @param admission admits requests as log space and cache slots allow
 */
record JournalParts(
        StripeParts stripes,
        Journal journal,
        DirtyMarker dirtyMarker,
        MemberWriter memberWriter,
        Reclaimer reclaimer,
        JournalSpace space,
        CacheAdmission admission) {

    ArrayGeometry geometry() {
        return stripes.geometry();
    }

    MemberSet members() {
        return stripes.members();
    }

    /**
     * Writes logged runs to the members. If that fails, nothing is appended any more: the log must keep what the
     * members lack.
     *
     * @param lease covers the stripes of all runs
     */
    void writeMembers(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException {
        try {
            memberWriter.write(lease, runs);
        } catch (IOException e) {
            reclaimer.stopAppends(e);
            throw e;
        }
    }
}

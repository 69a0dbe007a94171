package io.mdfuse.raid.writepath;

import io.mdfuse.journal.Journal;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeParts;

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
}

package io.mdfuse.raid.sync;

import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeLocks;

/**
 * What every {@link BackgroundPass} needs of its array.
 *
 * @param locks gives the leases on the stripes that a pass reads or changes
 * @param pace limits the speed of this pass alone
 * @param events receives the pass's start, its progress and its end
 */
public record PassParts(
        ArrayGeometry geometry, MemberSet members, StripeLocks locks, SyncPace pace, ArrayEvents events) {}

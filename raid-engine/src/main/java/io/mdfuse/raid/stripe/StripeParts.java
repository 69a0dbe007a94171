package io.mdfuse.raid.stripe;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;

/**
 * What all code that works on the stripes of one array shares.
 *
 * @param locks grants the leases
 * @param syncPosition which parity is known to be correct
 * @param reader reads slots, solving what their members can't give
 * @param cache the write-back cache; empty for an array without a journal
 * @param parityMaker makes the parity of runs
 */
public record StripeParts(
        ArrayGeometry geometry,
        MemberSet members,
        StripeLocks locks,
        SyncPosition syncPosition,
        StripeReader reader,
        StripeCache cache,
        ParityMaker parityMaker) {}

package io.mdfuse.raid.array;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.SyncPosition;

/**
 * The stripes of an open array: their layout, the members that contain them, their locks, and which of them have
 * correct parity.
 *
 * @param locks the locks of the stripes; while the journal was replayed, one exclusive lease covered all of them
 */
record ArrayStripes(ArrayGeometry geometry, MemberSet members, StripeLocks locks, SyncPosition syncPosition) {}

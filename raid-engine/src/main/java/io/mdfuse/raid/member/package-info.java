/**
 * The members of an array: which devices a slot has, what an error of a device means, and the flush of all.
 *
 * <p>Reading order: {@link io.mdfuse.raid.member.Member}, one device of a slot with its states; then
 * {@link io.mdfuse.raid.member.MemberSet}, all of them, which is what other packages use.
 *
 * <h2>Which device is read and written</h2>
 *
 * <p>{@link io.mdfuse.raid.member.SlotTable} has the member and the replacement of each slot. The table in the Javadoc
 * of {@link io.mdfuse.raid.member.MemberSet} says which of them is read and which are written.
 *
 * <h2>A member fails</h2>
 *
 * <p>{@link io.mdfuse.raid.member.MemberFailures} decides: the member is left out, or some of its blocks are listed as
 * bad, or the array is broken. {@link io.mdfuse.raid.member.FailureRecord} stores the decision in the superblocks. No
 * write is acknowledged before that: {@link io.mdfuse.raid.member.MemberSet#awaitRecords}. The crash points are in
 * {@code docs/architecture/members.md}.
 *
 * <h2>Flush</h2>
 *
 * <p>{@link io.mdfuse.raid.member.MemberFlush} flushes all members side by side. With
 * {@link io.mdfuse.raid.member.GroupFlush} one round serves all requests that wait.
 */
@NullMarked
package io.mdfuse.raid.member;

import org.jspecify.annotations.NullMarked;

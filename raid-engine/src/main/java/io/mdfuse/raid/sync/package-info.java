/**
 * Passes over all stripes of an array in use: the resync of parity, the rebuild of a member, and the scrub.
 *
 * <p>Reading order: {@link io.mdfuse.raid.sync.BackgroundPass}, then one of its subclasses, then the classes of the
 * scrub.
 *
 * <h2>The life cycle</h2>
 *
 * <p>{@link io.mdfuse.raid.sync.BackgroundPass} starts, stops and ends a pass and reports its progress and its failure;
 * {@link io.mdfuse.raid.sync.PassState} lists its states. {@link io.mdfuse.raid.sync.PassParts} is what each pass needs
 * of its array. {@link io.mdfuse.raid.sync.SyncPace} limits the speed of a pass while there are requests, and
 * {@link io.mdfuse.raid.sync.MemberReadAhead} prefetches the stripes that it reads next.
 *
 * <h2>Resync and rebuild</h2>
 *
 * <p>{@link io.mdfuse.raid.sync.Resync} makes all parity correct that is in doubt after a crash, stripe by stripe with
 * {@link io.mdfuse.raid.sync.ParityRepair}. {@link io.mdfuse.raid.sync.LazySync} makes the first parity of what a
 * lockless bitmap says was written. {@link io.mdfuse.raid.sync.Rebuild} fills a new member with the content of
 * its slot: {@link io.mdfuse.raid.sync.SlotCopy} copies, {@link io.mdfuse.raid.sync.SlotContent} reads and solves, and
 * {@link io.mdfuse.raid.sync.WriteBehind} writes meanwhile. {@link io.mdfuse.raid.sync.MemberReads} reads all members
 * at the same time, {@link io.mdfuse.raid.sync.ParityWrites} writes parity to all at the same time.
 *
 * <h2>The scrub</h2>
 *
 * <p>{@link io.mdfuse.raid.sync.Scrub}, made of {@link io.mdfuse.raid.sync.ScrubParts}, starts passes that compare the
 * blocks of every stripe. {@link io.mdfuse.raid.sync.ScrubAction} says what a pass does with a
 * {@link io.mdfuse.raid.sync.Mismatch}, whose {@link io.mdfuse.raid.sync.StripeVerdict} says which block is wrong.
 * {@link io.mdfuse.raid.sync.StripeImage} reads the stripes, {@link io.mdfuse.raid.sync.StripeCheck} finds the verdict,
 * {@link io.mdfuse.raid.sync.StripeMender} repairs. {@link io.mdfuse.raid.sync.ScrubFindings} counts the mismatches,
 * and {@link io.mdfuse.raid.sync.MismatchText} describes one in words.
 */
@NullMarked
package io.mdfuse.raid.sync;

import org.jspecify.annotations.NullMarked;

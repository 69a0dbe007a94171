/**
 * Stripes: which thread may use them, how their blocks are read and solved, and how a write keeps their parity correct.
 *
 * <p>Reading order: {@link io.mdfuse.raid.stripe.StripeLocks} and {@link io.mdfuse.raid.stripe.StripeRange} first,
 * since nearly every method here takes a lease as the proof that its stripes are locked; then
 * {@link io.mdfuse.raid.stripe.RequestWriter} for a write from top to bottom, and
 * {@link io.mdfuse.raid.stripe.ChunkAlignedRead} for a read. {@link io.mdfuse.raid.stripe.StripeParts} bundles what the
 * classes of one array share.
 *
 * <h2>Reading and solving</h2>
 *
 * <p>{@link io.mdfuse.raid.stripe.ChunkAlignedRead} reads straight from a member, without a lock. If that fails,
 * {@link io.mdfuse.raid.stripe.StripeReader} reads the slot under a lease: it asks
 * {@link io.mdfuse.raid.stripe.StripeSolver} for the content of a lost slot and has
 * {@link io.mdfuse.raid.stripe.BlockHealer} write it back. A block beyond redundancy is a
 * {@link io.mdfuse.raid.stripe.BlockLostException}. {@link io.mdfuse.raid.stripe.CertainSolver} solves what is to be
 * written to an image for good, or says why that is not certain. An open array reads through a
 * {@link io.mdfuse.raid.stripe.VolumeReader}.
 *
 * <h2>Writing</h2>
 *
 * <p>{@link io.mdfuse.raid.stripe.RequestWriter} cuts a request into {@link io.mdfuse.raid.stripe.RunWrite runs} of
 * blocks, locks their stripes, and passes them to a {@link io.mdfuse.raid.stripe.RunCommit}, the write path.
 * {@link io.mdfuse.raid.stripe.WritePlan} says which blocks {@link io.mdfuse.raid.stripe.ParityMaker} reads to make the
 * new parity.
 *
 * <h2>Which parity is trusted</h2>
 *
 * <p>{@link io.mdfuse.raid.stripe.SyncPosition} is the position of the resync;
 * {@link io.mdfuse.raid.stripe.DirtyRegions} are the regions that a write-intent bitmap says are in doubt. It answers
 * with a {@code ParityTrust}. {@link io.mdfuse.raid.stripe.RegionsToCopy} are the regions that a new member needs.
 *
 * <h2>The write-back cache</h2>
 *
 * <p>{@link io.mdfuse.raid.stripe.StripeCache} keeps the blocks that are in the journal and not on the members;
 * {@link io.mdfuse.raid.stripe.BigStripeTree} tells a read without a lock whether it must look there.
 */
@NullMarked
package io.mdfuse.raid.stripe;

import org.jspecify.annotations.NullMarked;

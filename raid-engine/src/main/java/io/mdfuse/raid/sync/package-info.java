/**
 * Passes over all stripes of an array in use: the resync of parity, the rebuild of a member, and the scrub.
 *
 * <p>Reading order: {@link io.mdfuse.raid.sync.Resync} makes all parity correct after a crash,
 * {@link io.mdfuse.raid.sync.Rebuild} gives a new member the content of its slot, and
 * {@link io.mdfuse.raid.sync.Scrub} compares the blocks of every stripe. {@link io.mdfuse.raid.sync.SyncPace} keeps
 * each of them out of the way of requests.
 *
 * <h2>The scrub</h2>
 *
 * <p>{@link io.mdfuse.raid.sync.ScrubAction} says what a pass does with a {@link io.mdfuse.raid.sync.Mismatch}, whose
 * {@link io.mdfuse.raid.sync.StripeVerdict} says which block is wrong; {@link io.mdfuse.raid.sync.ScrubFindings} counts
 * them, and {@link io.mdfuse.raid.sync.MismatchText} puts one in words.
 */
@NullMarked
package io.mdfuse.raid.sync;

import org.jspecify.annotations.NullMarked;

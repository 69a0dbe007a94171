/**
 * Looks at the devices of an array as they are, for people who study them. Nothing is written, replayed or repaired,
 * and no lock is taken. Reading order: {@link io.mdfuse.raid.xray.LayoutMap}, {@link io.mdfuse.raid.xray.JournalXray},
 * {@link io.mdfuse.raid.xray.StripeXray}.
 *
 * <h2>A map</h2>
 *
 * <p>{@link io.mdfuse.raid.xray.LayoutMap} says where the first chunks of an array lie: {@link
 * io.mdfuse.raid.xray.MapRow} by row, each with a {@link io.mdfuse.raid.xray.MapCell} for each slot, or {@link
 * io.mdfuse.raid.xray.MapSpan} by span if the level has no rows. {@link io.mdfuse.raid.xray.MapMaker} makes it, with
 * {@link io.mdfuse.raid.xray.CopyMap} for arrays without parity. {@link io.mdfuse.raid.xray.DeviceMap} says what lies
 * on one device: superblock, bitmap, data.
 *
 * <h2>A journal</h2>
 *
 * <p>{@link io.mdfuse.raid.xray.JournalXray} tells what a journal holds and what a recovery would do;
 * {@link io.mdfuse.raid.xray.JournalRing} draws its ring, {@link io.mdfuse.raid.xray.JournalBlockLines} lists its
 * blocks.
 *
 * <h2>A stripe</h2>
 *
 * <p>{@link io.mdfuse.raid.xray.StripeXray} shows one stripe, {@link io.mdfuse.raid.xray.StripeBlock} each of its
 * blocks, and {@link io.mdfuse.raid.xray.StripeFit} whether they fit each other.
 */
@NullMarked
package io.mdfuse.raid.xray;

import org.jspecify.annotations.NullMarked;

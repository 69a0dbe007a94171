/**
 * The arithmetic of an array: from array sector to chunk row, stripe and slot, and back. It does no I/O and knows no
 * superblock.
 *
 * <p>Reading order: {@link io.mdfuse.raid.geometry.ParityLayout}, then {@link io.mdfuse.raid.geometry.ArrayGeometry}.
 *
 * <p>{@link io.mdfuse.raid.geometry.ParityLayout} is the table of md's layouts: which slot of a chunk row holds P, Q
 * and each data chunk, and with which exponent Q weighs it. {@link io.mdfuse.raid.geometry.ArrayGeometry} adds the
 * numbers of one array (slots, chunk, size) and computes sectors. {@link io.mdfuse.raid.geometry.LayoutNames} maps
 * mdadm's names to layouts. {@link io.mdfuse.raid.geometry.StripeOrder} names the two layouts of RAID-0, for callers
 * that do no arithmetic with them.
 */
@NullMarked
package io.mdfuse.raid.geometry;

import org.jspecify.annotations.NullMarked;

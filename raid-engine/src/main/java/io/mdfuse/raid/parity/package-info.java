/**
 * Parity over contiguous memory: computed from data, updated for a change, and used to solve lost blocks and to find a
 * corrupt one. The package knows no layout: a data block is given by its exponent, the power of two by which Q weighs
 * it.
 *
 * <p>Reading order: {@link io.mdfuse.raid.parity.XorParity} (P), {@link io.mdfuse.raid.parity.GaloisField} (the
 * arithmetic of Q), {@link io.mdfuse.raid.parity.DualParity} (P and Q, with the equations for lost blocks).
 *
 * <h2>Computing</h2>
 *
 * <p>{@link io.mdfuse.raid.parity.StripeParity} computes the parity of a complete stripe for any level.
 * {@link io.mdfuse.raid.parity.SyndromeSum} computes P and Q one block at a time.
 * {@link io.mdfuse.raid.parity.FieldRuns} multiplies whole blocks in the {@link io.mdfuse.raid.parity.GaloisField}.
 * {@link io.mdfuse.raid.parity.WordTile} has the inner loops, and says why they run on the Java heap.
 *
 * <h2>Checking</h2>
 *
 * <p>{@link io.mdfuse.raid.parity.CorruptBlock} names the one block of a RAID-6 stripe that does not fit the others.
 */
@NullMarked
package io.mdfuse.raid.parity;

import org.jspecify.annotations.NullMarked;

/**
 * Parity over whole runs of memory: made from data, updated by a difference, solved for lost blocks, and asked which
 * block lies. {@link io.mdfuse.raid.parity.XorParity} is P alone; {@link io.mdfuse.raid.parity.DualParity} is P and Q.
 */
@NullMarked
package io.mdfuse.raid.parity;

import org.jspecify.annotations.NullMarked;

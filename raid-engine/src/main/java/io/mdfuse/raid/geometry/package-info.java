/**
 * Where a byte lies: array sector to chunk row, stripe and slot, and back.
 *
 * <p>{@link io.mdfuse.raid.geometry.ParityLayout} says which slot holds what in a chunk row;
 * {@link io.mdfuse.raid.geometry.ArrayGeometry} counts the sectors.
 */
@NullMarked
package io.mdfuse.raid.geometry;

import org.jspecify.annotations.NullMarked;

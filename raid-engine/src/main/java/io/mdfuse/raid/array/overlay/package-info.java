/**
 * A volume that takes writes although its array is open read-only: the writes go to a scratch and are discarded at the
 * unmount.
 *
 * <p>Reading order: {@link io.mdfuse.raid.array.overlay.OverlayVolume} has the states of a block and the rules of
 * locking; {@code Scratch} is the storage of the written blocks.
 *
 * <h2>Storage</h2>
 *
 * <p>{@code MemoryScratch} and {@code FileScratch} store blocks, {@code BlockSet} is a set of block numbers,
 * {@code BlockPiece} the part of a request in one block. {@link io.mdfuse.raid.array.overlay.OverlayFullException} says
 * that the scratch is full.
 */
@NullMarked
package io.mdfuse.raid.array.overlay;

import org.jspecify.annotations.NullMarked;

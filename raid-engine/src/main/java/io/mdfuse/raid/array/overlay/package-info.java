/**
 * A volume that accepts writes although its array is open read-only: the writes go to a scratch and are discarded at
 * the unmount.
 *
 * <p>Reading order: {@link io.mdfuse.raid.array.overlay.OverlayVolume} has the states of a block and the rules of
 * locking; {@link io.mdfuse.raid.array.overlay.Scratch} stores the written blocks.
 *
 * <h2>Storage</h2>
 *
 * <p>{@link io.mdfuse.raid.array.overlay.MemoryScratch} and {@link io.mdfuse.raid.array.overlay.FileScratch} store
 * blocks in memory and in a file. {@link io.mdfuse.raid.array.overlay.BlockSet} is a set of block numbers,
 * {@link io.mdfuse.raid.array.overlay.BlockPiece} the part of a request in one block.
 * {@link io.mdfuse.raid.array.overlay.OverlayFullException} says that the scratch is full.
 */
@NullMarked
package io.mdfuse.raid.array.overlay;

import org.jspecify.annotations.NullMarked;

/**
 * A volume that takes writes although its array is open read-only: what is written goes to a scratch and is gone at the
 * unmount. Read {@link io.mdfuse.raid.array.overlay.OverlayVolume} first, then {@link io.mdfuse.raid.array.overlay.Scratch}.
 */
@NullMarked
package io.mdfuse.raid.array.overlay;

import org.jspecify.annotations.NullMarked;

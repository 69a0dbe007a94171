/**
 * A volume that takes writes although its array is open read-only: what is written goes to a scratch and is gone at the
 * unmount. Read {@link io.mdfuse.raid.overlay.OverlayVolume} first, then {@link io.mdfuse.raid.overlay.Scratch}.
 */
@NullMarked
package io.mdfuse.raid.overlay;

import org.jspecify.annotations.NullMarked;

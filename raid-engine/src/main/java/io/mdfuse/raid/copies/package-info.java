/**
 * Arrays without parity, for reading: each byte of the volume lies unchanged on one member (RAID-0, linear) or on
 * several (RAID-1, RAID-10).
 *
 * <p>Reading order: where a byte lies, then how it is read.
 *
 * <h2>Where a byte lies</h2>
 *
 * <p>{@link io.mdfuse.raid.copies.CopyLevel} lists the levels. {@link io.mdfuse.raid.copies.CopyLayout}
 * says on which members a sector of the volume lies; its implementations are
 * {@link io.mdfuse.raid.copies.MirrorLayout} (RAID-1), {@link io.mdfuse.raid.copies.StripedZones} (RAID-0),
 * {@link io.mdfuse.raid.copies.Concatenation} (linear) and {@link io.mdfuse.raid.copies.NearFarLayout} (RAID-10, with
 * the numbers in {@link io.mdfuse.raid.copies.CopyCounts}). {@link io.mdfuse.raid.copies.CopyShape} makes the layout
 * of superblocks, or refuses it.
 *
 * <p>The arithmetic is md's (Linux 6.1: raid0.c, raid1.c, raid10.c, md-linear.c); {@code CopyLevelsTest} holds it
 * against arrays that the driver made.
 *
 * <h2>Reading</h2>
 *
 * <p>A {@link io.mdfuse.raid.copies.CopyLayout} gives a {@link io.mdfuse.raid.copies.CopyExtent} with a
 * {@link io.mdfuse.raid.copies.CopyPlace} for each copy; {@link io.mdfuse.raid.copies.CopyReader} reads the first that
 * can be read from its {@link io.mdfuse.raid.copies.CopySource}.
 */
@NullMarked
package io.mdfuse.raid.copies;

import org.jspecify.annotations.NullMarked;

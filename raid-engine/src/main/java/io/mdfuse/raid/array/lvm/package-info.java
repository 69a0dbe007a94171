/**
 * Reads LVM2's metadata: which physical volume a volume is, and how its volume group maps logical volumes. Nothing here
 * writes, and nothing is believed without its checksum.
 *
 * <p>Reading order: {@link io.mdfuse.raid.array.lvm.FoundPhysicalVolume} looks at one volume; the result has a
 * {@link io.mdfuse.raid.array.lvm.VolumeGroup}. What can't be used is a
 * {@link io.mdfuse.raid.array.lvm.LvmDamagedException}.
 *
 * <h2>On the disk</h2>
 *
 * <p>First the {@link io.mdfuse.raid.array.lvm.PhysicalVolumeLabel}, then each {@code MetadataArea}; both are checked
 * with {@code LvmChecksum}.
 *
 * <h2>The text</h2>
 *
 * <p>{@code ConfigText} parses it to a {@code ConfigSection}, from which {@code GroupReader} and {@code SegmentReader}
 * take the group. {@link io.mdfuse.raid.array.lvm.LvmNames} says which names are accepted.
 */
@NullMarked
package io.mdfuse.raid.array.lvm;

import org.jspecify.annotations.NullMarked;

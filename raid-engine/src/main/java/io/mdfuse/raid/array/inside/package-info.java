/**
 * The volumes inside of arrays: partitions and LVM2's logical volumes, each as a {@link io.mdfuse.raid.array.Volume} of
 * its own, read-only, without the device mapper.
 *
 * <p>Reading order: {@link io.mdfuse.raid.array.inside.InnerVolumes} looks into the arrays and makes an
 * {@link io.mdfuse.raid.array.inside.InnerVolume} of each thing that it finds.
 *
 * <h2>Finding</h2>
 *
 * <p>{@code PartitionFiles} reads partition tables, through a {@code VolumeDevice}; {@code GroupAssembly} puts the
 * physical volumes of all arrays together to an {@code AssembledGroup} for each volume group. {@code FileNames} keeps
 * the names of the files apart.
 *
 * <h2>Reading</h2>
 *
 * <p>Both map what they find by a {@link io.mdfuse.raid.array.inside.MappedVolume}, which consists of {@code Piece}s.
 */
@NullMarked
package io.mdfuse.raid.array.inside;

import org.jspecify.annotations.NullMarked;

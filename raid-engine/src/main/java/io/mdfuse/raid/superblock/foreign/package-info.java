/**
 * What a device holds that is not an md superblock: partition tables, other RAID metadata, file systems, volume
 * managers, and images that are not raw. Nothing here is served; it is named, so that a user learns what was given
 * instead of a member.
 *
 * <p>{@link io.mdfuse.raid.superblock.foreign.DeviceContent} recognises the kind by {@link
 * io.mdfuse.raid.superblock.foreign.Signatures}; {@link io.mdfuse.raid.superblock.foreign.PartitionTable} reads the
 * tables.
 */
@NullMarked
package io.mdfuse.raid.superblock.foreign;

import org.jspecify.annotations.NullMarked;

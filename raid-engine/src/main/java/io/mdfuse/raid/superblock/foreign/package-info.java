/**
 * What a device holds that is not an md superblock: partition tables, metadata of other RAIDs, file systems, volume
 * managers, and images that are not raw. None of this is served; it is recognised so that a message can say what a
 * device is if the user names it as a member by mistake.
 *
 * <p>Reading order: {@link io.mdfuse.raid.superblock.foreign.DeviceContent} recognises the content of a device;
 * {@link io.mdfuse.raid.superblock.foreign.PartitionTables} reads its partition tables.
 *
 * <h2>Content</h2>
 *
 * <p>{@link io.mdfuse.raid.superblock.foreign.Signatures} is the list of all known
 * {@link io.mdfuse.raid.superblock.foreign.Signature}s: bytes at a fixed offset. A
 * {@link io.mdfuse.raid.superblock.foreign.ContentKind} says what the user can do with such a device.
 *
 * <h2>Partition tables</h2>
 *
 * <p>{@link io.mdfuse.raid.superblock.foreign.PartitionTable} is what was found: its kind and its partitions.
 * {@link io.mdfuse.raid.superblock.foreign.GptTable} and {@link io.mdfuse.raid.superblock.foreign.DosTable} are the
 * formats; {@link io.mdfuse.raid.superblock.foreign.ContentPage} reads from devices that may be too short.
 */
@NullMarked
package io.mdfuse.raid.superblock.foreign;

import org.jspecify.annotations.NullMarked;

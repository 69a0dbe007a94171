/**
 * md's metadata on the devices of an array: the formats, how they are found and checked, and md's rules for assembling
 * an array from them. Nothing here writes a superblock of an open array: that is
 * {@link io.mdfuse.raid.superblock.store.SuperblockStore}.
 *
 * <p>Reading order: {@link io.mdfuse.raid.superblock.SuperblockLayout}, the format;
 * {@link io.mdfuse.raid.superblock.Superblock}, a typed view of it; {@link io.mdfuse.raid.superblock.SuperblockCodec},
 * which decides whether bytes are a valid superblock; {@link io.mdfuse.raid.superblock.SuperblockLocator}, which finds
 * the superblock of a device; {@link io.mdfuse.raid.superblock.Assembly} and
 * {@link io.mdfuse.raid.superblock.AssemblyRules}, which sort the devices of an array.
 *
 * <h2>One superblock</h2>
 *
 * <p>{@link io.mdfuse.raid.superblock.Superblock} is immutable; {@link io.mdfuse.raid.superblock.SuperblockEditor}
 * makes a changed copy and {@link io.mdfuse.raid.superblock.SuperblockChecksum} its checksum. The values of its fields
 * are {@link io.mdfuse.raid.superblock.Features}, {@link io.mdfuse.raid.superblock.Roles},
 * {@link io.mdfuse.raid.superblock.ResyncOffset}, {@link io.mdfuse.raid.superblock.RecoveryPosition},
 * {@link io.mdfuse.raid.superblock.MdUuid} and {@link io.mdfuse.raid.superblock.ReshapeState}.
 * {@link io.mdfuse.raid.superblock.MetadataVersion} is its position on a device.
 * {@link io.mdfuse.raid.superblock.SuperblockCodec} refuses an invalid one with
 * {@link io.mdfuse.raid.superblock.SuperblockCheck} and an {@link io.mdfuse.raid.superblock.ArrayRefusedException};
 * {@link io.mdfuse.raid.superblock.DamagedSuperblock} shows one in which only the checksum is wrong.
 * {@link io.mdfuse.raid.superblock.Superblock090} is the format of old arrays, which
 * {@link io.mdfuse.raid.superblock.Metadata090} translates to version 1 for reading.
 *
 * <h2>The superblock of a device</h2>
 *
 * <p>{@link io.mdfuse.raid.superblock.SuperblockLocator} reads all positions at which a superblock may be and chooses
 * one; the result with its device is a {@link io.mdfuse.raid.superblock.FoundDevice}.
 * {@link io.mdfuse.raid.superblock.LastPartition} distinguishes a disk from its last partition.
 * {@link io.mdfuse.raid.superblock.MemberLocator} refuses a device without a superblock;
 * {@link io.mdfuse.raid.superblock.NonMemberRefusal} makes the message, which names partitions that are members
 * ({@link io.mdfuse.raid.superblock.PartitionedDisk}) and images that are longer than their disk was
 * ({@link io.mdfuse.raid.superblock.OverlongImage}). {@link io.mdfuse.raid.superblock.SuperblockWriter} writes the
 * first superblock of a new member. {@link io.mdfuse.raid.superblock.DevicePage} does the I/O for all of them.
 *
 * <h2>Assembling an array</h2>
 *
 * <p>{@link io.mdfuse.raid.superblock.AssemblyRules} sorts the devices by
 * {@link io.mdfuse.raid.superblock.DeviceIdentities}, {@link io.mdfuse.raid.superblock.FreshestDevice} and
 * {@link io.mdfuse.raid.superblock.ArrayLimits}; the result is an {@link io.mdfuse.raid.superblock.Assembly}.
 * {@link io.mdfuse.raid.superblock.ForcedReturn} adds members that the user forces back.
 * {@link io.mdfuse.raid.superblock.UpdateTimes} finds devices that were not written together, such as an older image of
 * a member.
 *
 * <h2>Consistency after a crash</h2>
 *
 * <p>{@link io.mdfuse.raid.superblock.ConsistencyPolicy} and {@link io.mdfuse.raid.superblock.JournalMode} are md's
 * names for how an array stays consistent. The write-intent bitmap has a head,
 * {@link io.mdfuse.raid.superblock.BitmapSuperblock}, and bits, or in the lockless bitmap a
 * {@link io.mdfuse.raid.superblock.ChunkState} for each chunk: {@link io.mdfuse.raid.superblock.BitmapImage} is its
 * content, a {@link io.mdfuse.raid.superblock.BitImage} or a {@link io.mdfuse.raid.superblock.StateImage}, which
 * changes the {@link io.mdfuse.raid.superblock.ChunkStates} that all others ask;
 * {@link io.mdfuse.raid.superblock.BitmapArea} is its position on a member,
 * {@link io.mdfuse.raid.superblock.MemberBitmap} the bitmap of one member and
 * {@link io.mdfuse.raid.superblock.FoundBitmap} that of the array. {@link io.mdfuse.raid.superblock.PplArea} is the
 * partial parity log of a member, with {@link io.mdfuse.raid.superblock.PplHeader} and
 * {@link io.mdfuse.raid.superblock.PplEntry}.
 *
 * <h2>Bad blocks</h2>
 *
 * <p>{@link io.mdfuse.raid.superblock.BadBlockLog} is the log of one device and
 * {@link io.mdfuse.raid.superblock.BadBlockList} its format. {@link io.mdfuse.raid.superblock.BadBlocks} answers for
 * each read whether a block is listed, and lists the bad blocks as {@link io.mdfuse.raid.superblock.BadRange}s.
 */
@NullMarked
package io.mdfuse.raid.superblock;

import org.jspecify.annotations.NullMarked;

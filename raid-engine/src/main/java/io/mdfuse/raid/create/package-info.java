/**
 * Creates arrays, and prepares devices that join an array.
 *
 * <p>Reading order: {@link io.mdfuse.raid.create.CreateOptions} is what the user asks for,
 * {@link io.mdfuse.raid.create.NewDevices} are the devices that the user gives,
 * {@link io.mdfuse.raid.create.ArrayCreator} checks both and writes the array, and
 * {@link io.mdfuse.raid.create.CreatedArray} is the result. The formats of what is written are defined in the packages
 * superblock and journal; this package decides the values and the positions, by the rules of mdadm 4.2.
 *
 * <h2>The options</h2>
 *
 * <p>{@link io.mdfuse.raid.create.NewShape} is the layout of the data,
 * {@link io.mdfuse.raid.create.NewIdentity} the name and the UUID, and
 * {@link io.mdfuse.raid.create.NewConsistency} how parity is made correct after a crash.
 *
 * <h2>Checks, before the first write</h2>
 *
 * <p>{@link io.mdfuse.raid.create.CreationCheck} refuses options that contradict each other, and devices that contain
 * something already. {@link io.mdfuse.raid.create.LogicalBlock} refuses devices whose logical blocks are too large,
 * {@link io.mdfuse.raid.create.UnequalMembers} a device that is much smaller than the others.
 *
 * <h2>What is written to each device</h2>
 *
 * <p>{@link io.mdfuse.raid.create.DeviceSpace} is the layout of a device: superblock, bitmap, bad-block log and data.
 * {@link io.mdfuse.raid.create.NewLog} writes the empty log of a journal, and
 * {@link io.mdfuse.raid.create.NewBitmapOrPpl} the first bitmap, as {@link io.mdfuse.raid.create.BitmapPlan} lays it
 * out, or the empty partial parity log. {@link io.mdfuse.raid.create.NewSuperblocks} makes the superblocks, which are
 * written last.
 *
 * <h2>Devices that join an open array</h2>
 *
 * <p>{@link io.mdfuse.raid.create.JoiningSuperblock} makes the first superblock of a spare or a journal that is added
 * later. Such a device passes the same checks of its content and of its logical block.
 */
@NullMarked
package io.mdfuse.raid.create;

import org.jspecify.annotations.NullMarked;

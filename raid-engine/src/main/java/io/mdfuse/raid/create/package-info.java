/**
 * Makes new arrays, and new devices for an array that exists.
 *
 * <p>Reading order: {@link io.mdfuse.raid.create.CreateOptions} says what the user wants, {@link
 * io.mdfuse.raid.create.ArrayCreator} checks it and writes it, {@link io.mdfuse.raid.create.CreatedArray} is what came
 * of it. {@link io.mdfuse.raid.create.NewDevices} are the devices that it takes.
 *
 * <h2>Devices that join an array</h2>
 *
 * <p>{@link io.mdfuse.raid.create.CreationCheck} refuses devices that contain something,
 * {@link io.mdfuse.raid.create.LogicalBlock} those whose blocks are too large,
 * {@link io.mdfuse.raid.create.DeviceSpace} lays out superblock, bad-block log and data,
 * {@link io.mdfuse.raid.create.JoiningSuperblock} is the superblock of a device that joins, and
 * {@link io.mdfuse.raid.create.NewLog} an empty journal.
 */
@NullMarked
package io.mdfuse.raid.create;

import org.jspecify.annotations.NullMarked;

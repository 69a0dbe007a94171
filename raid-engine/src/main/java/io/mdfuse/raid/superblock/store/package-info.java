/**
 * The superblocks of an open array: the state that is kept in memory, and the order in which a change reaches all
 * devices.
 *
 * <p>Reading order: {@link io.mdfuse.raid.superblock.store.ArrayState} with
 * {@link io.mdfuse.raid.superblock.store.DeviceRole}, what all superblocks say;
 * {@link io.mdfuse.raid.superblock.store.SuperblockUpdate}, the steps of one update;
 * {@link io.mdfuse.raid.superblock.store.LiveSuperblocks}, what happens if a device fails in it;
 * {@link io.mdfuse.raid.superblock.store.SuperblockStore}, what the rest of the engine calls.
 *
 * <h2>State</h2>
 *
 * <p>{@link io.mdfuse.raid.superblock.store.ArrayState} is the same for all devices: resync offset, journal tail,
 * shared feature bits and the {@link io.mdfuse.raid.superblock.store.DeviceRole} of each device number.
 * {@link io.mdfuse.raid.superblock.store.SuperblockRevision} computes the superblock of one device from it.
 * {@link io.mdfuse.raid.superblock.store.LiveDevice} is a device whose superblock is written, with its bad-block log.
 *
 * <h2>An update</h2>
 *
 * <p>{@link io.mdfuse.raid.superblock.store.SuperblockStore} has a method for each change of state.
 * {@link io.mdfuse.raid.superblock.store.LiveSuperblocks} holds the lock under which
 * {@link io.mdfuse.raid.superblock.store.SuperblockUpdate} flushes the devices, writes bad-block logs and superblocks,
 * and flushes again. An {@link io.mdfuse.raid.superblock.store.UpdateHook} writes metadata that must not be older than
 * the superblocks, such as the bitmap's event count.
 *
 * <h2>Failures</h2>
 *
 * <p>A device that fails in an update is reported to the {@link io.mdfuse.raid.superblock.store.StoreListener} after
 * it, without a lock; the listener decides whether the array continues without the device.
 */
@NullMarked
package io.mdfuse.raid.superblock.store;

import org.jspecify.annotations.NullMarked;

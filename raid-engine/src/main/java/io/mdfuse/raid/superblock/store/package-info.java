/**
 * The superblocks of an open array: what is kept in memory, and in which order a change reaches all devices.
 *
 * <p>Reading order: {@link io.mdfuse.raid.superblock.store.SuperblockStore} is what the engine calls.
 *
 * <h2>An update</h2>
 *
 * <p>{@code LiveSuperblocks} has one {@link io.mdfuse.raid.superblock.store.ArrayState} for all devices;
 * {@code SuperblockUpdate} brings a change to the media in order, and {@link
 * io.mdfuse.raid.superblock.store.LiveDevice} is one device with its superblock.
 * {@link io.mdfuse.raid.superblock.store.StoreListener} hears of devices that fail in an update, and
 * {@link io.mdfuse.raid.superblock.store.UpdateHook} writes what has to be in step with an update.
 * {@link io.mdfuse.raid.superblock.store.DeviceRole} is a device's role.
 */
@NullMarked
package io.mdfuse.raid.superblock.store;

import org.jspecify.annotations.NullMarked;

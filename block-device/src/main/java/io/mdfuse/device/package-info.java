/**
 * Storage addressed by byte, and nothing about RAID.
 *
 * <p>Read {@link io.mdfuse.device.BlockDevice} first: it is the seam on which all other rooms stand, and its verbs
 * come back on each floor of the house. {@link io.mdfuse.device.Sectors} are the units.
 * {@link io.mdfuse.device.FileDevice} is what a real array stands on: {@code DeviceOpener} opens it exclusively,
 * {@code Descriptor} moves bytes through it, {@code StagedTransfer} brings what does not suit direct I/O into shape,
 * and {@code LinuxCalls} is the way into the C library. What goes wrong is told by
 * {@link io.mdfuse.device.DeviceOpenException} before the device is open, and by
 * {@link io.mdfuse.device.DeviceException} after. {@link io.mdfuse.device.BufferPool} is where the rooms above get
 * memory from.
 *
 * <p>The test-jar of this module holds the crash disk, which forgets what was not flushed, the device that fails by
 * plan, and the contract that every device has to pass.
 */
@NullMarked
package io.mdfuse.device;

import org.jspecify.annotations.NullMarked;

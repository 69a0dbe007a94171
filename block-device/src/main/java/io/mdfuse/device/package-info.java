/**
 * Devices: how an image file or a block device is opened, locked, read, written and flushed. Nothing here knows RAID.
 *
 * <p>Reading order: {@link io.mdfuse.device.BlockDevice} first, the interface that every package above uses;
 * {@link io.mdfuse.device.Sectors} for the units; then {@link io.mdfuse.device.FileDevice}, the implementation for real
 * devices. Tests replace {@link io.mdfuse.device.BlockDevice} and nothing else: the test-jar of this module has a disk
 * that loses unflushed writes at a crash, a device that fails by plan, and the tests that every implementation must
 * pass.
 *
 * <h2>Opening and locking</h2>
 *
 * <p>{@link io.mdfuse.device.DeviceOpener} opens a path for an {@link io.mdfuse.device.Access} and locks the device
 * against other users, with {@link io.mdfuse.device.RecordLocks} among others.
 * {@link io.mdfuse.device.FileStatus} and {@link io.mdfuse.device.DevicePaths} give a device's
 * {@link io.mdfuse.device.DeviceIdentity}. {@link io.mdfuse.device.WriteProtection} and
 * {@link io.mdfuse.device.LoopDevices} detect devices that can't or must not be written. A device in use is a
 * {@link io.mdfuse.device.DeviceInUseException}, which names the user as {@link io.mdfuse.device.LockHolders} and
 * {@link io.mdfuse.device.DeviceHolders} find it; another reason is a {@link io.mdfuse.device.DeviceOpenException},
 * whose message {@link io.mdfuse.device.OpenRefusals} chooses. {@link io.mdfuse.device.FileFailure} has the words for
 * files that are no devices, such as a map or a log.
 *
 * <h2>Reading and writing</h2>
 *
 * <p>{@link io.mdfuse.device.StagedTransfer} aligns transfers for direct I/O with buffers of a
 * {@link io.mdfuse.device.BufferPool}; {@link io.mdfuse.device.Descriptor} makes the system calls, through
 * {@link io.mdfuse.device.LinuxCalls}, and makes sure that no call uses a closed descriptor. Error numbers are
 * {@link io.mdfuse.device.Errno}. A failed request is a {@link io.mdfuse.device.DeviceException}.
 *
 * <h2>Space on the host</h2>
 *
 * <p>An image file may have holes. {@link io.mdfuse.device.ReservedSpace} allocates their blocks before a write needs
 * them and records them in {@link io.mdfuse.device.AllocatedBlocks}. {@link io.mdfuse.device.HostSpace} distinguishes a
 * lack of space, which is a {@link io.mdfuse.device.NoSpaceException}, from a failed device.
 * {@link io.mdfuse.device.HeldWritesDevice} keeps writes in memory until the host has space again.
 *
 * <h2>Devices on top of a device</h2>
 *
 * <p>{@link io.mdfuse.device.ForwardingDevice} is their base class. {@link io.mdfuse.device.CopyOnWriteDevice} keeps
 * writes in memory, for read-only mounts; {@link io.mdfuse.device.CutShortDevice} shows a device that is too short with
 * its full size. {@link io.mdfuse.device.PartDevice} is a part of a device, {@link io.mdfuse.device.DeviceSlice} one
 * that is only read; {@link io.mdfuse.device.SharedDevice} lets several parts use one open device.
 * {@link io.mdfuse.device.HoledDevice} makes the {@link io.mdfuse.device.ByteRanges} of an image unreadable that hold
 * nothing, and {@link io.mdfuse.device.HealingDevice} lets these be filled and keeps a
 * {@link io.mdfuse.device.HoleRecord} of what is left.
 * {@link io.mdfuse.device.UntouchedMemory} takes no memory before it is used;
 * {@link io.mdfuse.device.PathBytes} converts paths that are not valid text.
 */
@NullMarked
package io.mdfuse.device;

import org.jspecify.annotations.NullMarked;

/**
 * A volume as a file, through FUSE.
 *
 * <p>Read in this order: {@link io.mdfuse.fuse.VolumeOperations} says what each file system call means, and knows no
 * native library. {@code JnrFuseBinding} is the only class that does: it hands libfuse's callbacks to the operations
 * and every failure to {@code ErrnoLadder}. {@link io.mdfuse.fuse.MountSession} is the life of one mount, from the
 * checks of {@code MountPoint} to the last request; {@link io.mdfuse.fuse.VolumeServer} joins it with the process's
 * signals and with the closing of the volume.
 */
@NullMarked
package io.mdfuse.fuse;

import org.jspecify.annotations.NullMarked;

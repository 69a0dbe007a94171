/**
 * libblkid, which names the content of a volume.
 *
 * <p>Reading order: {@link io.mdfuse.fuse.blkid.Blkid} calls the {@link io.mdfuse.fuse.blkid.BlkidFunctions} of the
 * library on a {@code MemoryImage} of the volume; the result is a {@link io.mdfuse.fuse.blkid.ContentName}.
 */
@NullMarked
package io.mdfuse.fuse.blkid;

import org.jspecify.annotations.NullMarked;

package io.mdfuse.fuse;

import java.time.Instant;

/**
 * The result of stat(2) for the directory or for the file in it.
 *
 * @param mode file type and permission bits, as in {@code st_mode}
 * @param links the number of hard links
 * @param sizeBytes its length; 0 for the directory
 * @param uid the owner: the user that mounted
 * @param gid the owner's group
 * @param modified the time of the last write, or of the mount if nothing was written since
 */
public record NodeStatus(int mode, int links, long sizeBytes, int uid, int gid, Instant modified) {
    /** {@code S_IFDIR}: the file type of a directory. */
    static final int DIRECTORY = 0x4000;

    /** {@code S_IFREG}: the file type of a regular file. */
    static final int REGULAR = 0x8000;
}

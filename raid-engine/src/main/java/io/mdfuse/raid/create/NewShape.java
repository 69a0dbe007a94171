package io.mdfuse.raid.create;

import io.mdfuse.raid.superblock.MetadataVersion;

/**
 * How the data of a new array is laid out, and on how many members.
 *
 * @param level 4, 5 or 6
 * @param layout md's layout number at this level; 0 for level 4
 * @param raidDisks the number of members: at least 2, or 4 for level 6
 * @param chunkSectors the chunk size in sectors: a power of two, at least 8
 * @param version the metadata version, which determines the position of the superblocks
 * @param logicalBlockBytes the logical block size that the superblocks record, as Linux 6.19 and later do: a power of
 *     two from 512 to 4096, or 0 to record none, so that older kernels assemble the array too
 */
public record NewShape(
        int level, int layout, int raidDisks, int chunkSectors, MetadataVersion version, int logicalBlockBytes) {
    /** How many members may be missing: 2 at level 6, otherwise 1. */
    public int parityDisks() {
        return level == 6 ? 2 : 1;
    }
}

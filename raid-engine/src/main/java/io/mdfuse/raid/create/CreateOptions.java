package io.mdfuse.raid.create;

import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.MetadataVersion;
import org.jspecify.annotations.Nullable;

/**
 * What an array is to be.
 *
 * @param level 4, 5 or 6
 * @param layout md's layout number at this level; 0 for level 4
 * @param raidDisks members, at least 2, or 4 for level 6
 * @param chunkSectors a power of two, at least 8
 * @param version where the superblocks go
 * @param setName the array's name, at most 32 bytes; md's form is {@code host:name}
 * @param setUuid 16 bytes, or null for a random one
 * @param assumeClean the parity is right already, or the user does not care: no resync
 * @param policy how parity is made right after a crash; a journal device given beside is a policy too
 * @param bitmapChunkBytes how much of each member a bit of the bitmap covers; 0 for mdadm's default
 * @param logicalBlockBytes what Linux 6.19 and later record: 0 for nothing, so that every md takes the array, or a
 *     power of two from 512 to 4096
 * @param force overwrite superblocks, file systems and partition tables that are found on the devices
 */
@SuppressWarnings("ArrayRecordComponent")
public record CreateOptions(
        int level,
        int layout,
        int raidDisks,
        int chunkSectors,
        MetadataVersion version,
        String setName,
        byte @Nullable [] setUuid,
        boolean assumeClean,
        boolean force,
        ConsistencyPolicy policy,
        long bitmapChunkBytes,
        int logicalBlockBytes) {
    /** An array without bitmap and partial parity log. */
    public CreateOptions(
            int level,
            int layout,
            int raidDisks,
            int chunkSectors,
            MetadataVersion version,
            String setName,
            byte @Nullable [] setUuid,
            boolean assumeClean,
            boolean force) {
        this(
                level,
                layout,
                raidDisks,
                chunkSectors,
                version,
                setName,
                setUuid,
                assumeClean,
                force,
                ConsistencyPolicy.RESYNC,
                0,
                0);
    }
}

package io.mdfuse.cli;

import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;

/**
 * Sectors that neither metadata nor the array use, as mdadm counts them: what a reshape could move the data into.
 *
 * @param beforeSectors before the data
 * @param afterSectors after the data
 */
record UnusedSpace(long beforeSectors, long afterSectors) {
    /** mdadm shows nothing if there is no unused space at either end. */
    boolean isShown() {
        return beforeSectors != 0 || afterSectors != 0;
    }

    /** mdadm leaves 4 KiB for the superblock and 32 KiB for a small bitmap in any case. */
    private static final long SUPERBLOCK_AND_BITMAP_SECTORS = 72;

    static UnusedSpace of(Superblock superblock, long deviceSectors) {
        long start = superblock.superOffsetSectors();
        long data = superblock.dataOffsetSectors();
        // Members of these levels may all have different sizes.
        boolean ownSize = superblock.level() <= 0;
        long size = ownSize ? superblock.dataSizeSectors() : superblock.usedSectors();
        if (superblock.metadataVersion() == MetadataVersion.V1_0) {
            long end = start;
            if (superblock.hasFeature(Features.BITMAP)) {
                end = Math.min(end, start + superblock.bitmapOffsetSectors());
            } else if (superblock.hasFeature(Features.ANY_PPL)) {
                end = Math.min(end, start + superblock.pplOffsetSectors());
            }
            if (superblock.badBlockLogSectors() > 0) {
                end = Math.min(end, start + superblock.badBlockLogOffsetSectors());
            }
            return new UnusedSpace(data, Math.max(0, end - data - size));
        }
        long used = start + SUPERBLOCK_AND_BITMAP_SECTORS;
        if (superblock.hasFeature(Features.ANY_PPL)) {
            used = Math.max(used, start + superblock.pplOffsetSectors() + superblock.pplSizeSectors());
        }
        if (superblock.badBlockLogSectors() > 0) {
            used = Math.max(used, start + superblock.badBlockLogOffsetSectors() + superblock.badBlockLogSectors());
        }
        boolean journal = superblock.ownRole() == Roles.JOURNAL;
        long after = deviceSectors - data;
        return new UnusedSpace(Math.max(0, data - used), journal ? after % 8 : after - size);
    }
}

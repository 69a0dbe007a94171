package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.util.Arrays;

/**
 * Writes the first superblock of a device that joins an array. Older md superblocks at the other positions must not be
 * found again: they are wiped if their super_offset says that they belong there, and only then, since bytes that merely
 * look like a superblock may be data.
 */
public final class SuperblockWriter {
    private SuperblockWriter() {}

    /**
     * Writes the superblock and an empty bad-block log, and wipes older superblocks. Durable after the device's next
     * flush.
     */
    public static void writeFirst(BlockDevice device, Superblock superblock) throws DeviceException {
        wipeOthers(device, superblock.metadataVersion());
        if (superblock.badBlockLogSectors() > 0) {
            // An entry of all ones ends the list, so a log of all ones is an empty list.
            byte[] empty = new byte[superblock.badBlockLogSectors() * Sectors.BYTES];
            Arrays.fill(empty, (byte) 0xff);
            long sector = superblock.superOffsetSectors() + superblock.badBlockLogOffsetSectors();
            DevicePage.write(device, sector, empty, empty.length);
        }
        DevicePage.write(device, superblock.superOffsetSectors(), superblock.toBytes(), superblock.writtenBytes());
    }

    /** Writes a changed superblock at the device's own position. Durable when this returns. */
    public static void rewrite(FoundDevice found) throws DeviceException {
        Superblock superblock = found.superblock();
        DevicePage.write(
                found.device(), superblock.superOffsetSectors(), superblock.toBytes(), superblock.writtenBytes());
        found.device().flush();
    }

    private static void wipeOthers(BlockDevice device, MetadataVersion kept) throws DeviceException {
        long deviceSectors = Sectors.floorFromBytes(device.sizeBytes());
        byte[] nothing = new byte[SuperblockLayout.READ_BYTES];
        for (MetadataVersion version : MetadataVersion.VERSION_1) {
            long sector = version.superSector(deviceSectors);
            if (version != kept && sector >= 0) {
                byte[] bytes = DevicePage.read(device, sector, SuperblockLayout.READ_BYTES);
                boolean belongs = SuperblockCodec.hasMagic(bytes)
                        && new Superblock(version, bytes).superOffsetSectors() == sector;
                if (belongs) {
                    DevicePage.write(device, sector, nothing, nothing.length);
                }
            }
        }
        if (Metadata090.exists(device)) {
            DevicePage.write(device, MetadataVersion.V0_90.superSector(deviceSectors), nothing, nothing.length);
        }
    }
}

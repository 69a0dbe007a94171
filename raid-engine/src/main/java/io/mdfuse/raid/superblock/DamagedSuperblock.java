package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * A superblock in which only the checksum is wrong. Only examine shows it; no array is assembled with it. mdadm does
 * the same: it shows such a superblock with the checksum that it should have, and neither mdadm nor the driver
 * assembles the device.
 */
public final class DamagedSuperblock {
    private DamagedSuperblock() {}

    /** The device with its damaged superblock; empty if it has none, or if more than the checksum is wrong. */
    public static Optional<FoundDevice> find(BlockDevice device) throws DeviceException {
        long deviceSectors = Sectors.floorFromBytes(device.sizeBytes());
        for (MetadataVersion version : MetadataVersion.VERSION_1) {
            long sector = version.superSector(deviceSectors);
            if (sector >= 0) {
                byte[] bytes = DevicePage.read(device, sector, SuperblockLayout.READ_BYTES);
                if (SuperblockCodec.hasMagic(bytes) && isWhole(device, version, deviceSectors, bytes)) {
                    return Optional.of(new FoundDevice(device, new Superblock(version, bytes)));
                }
            }
        }
        Optional<Superblock090> old = find090(device);
        return old.isPresent()
                ? Optional.of(new FoundDevice(device, Metadata090.toVersion1(device, old.get())))
                : Optional.empty();
    }

    /** The damaged superblock of metadata 0.90 in its own format; empty as {@link #find}. */
    public static Optional<Superblock090> find090(BlockDevice device) throws DeviceException {
        Metadata090.Raw raw = Metadata090.read(device);
        if (raw == null || raw.checksumFits()) {
            return Optional.empty();
        }
        Superblock090 damaged = new Superblock090(raw.bytes(), raw.order());
        byte[] mended = raw.bytes().clone();
        ByteBuffer.wrap(mended).order(raw.order()).putInt(Superblock090.CHECKSUM, damaged.expectedChecksum());
        try {
            Metadata090.check(device, new Metadata090.Raw(mended, raw.order()));
            return Optional.of(damaged);
        } catch (ArrayRefusedException e) {
            return Optional.empty();
        }
    }

    private static boolean isWhole(BlockDevice device, MetadataVersion version, long deviceSectors, byte[] bytes) {
        byte[] mended = bytes.clone();
        ByteBuffer page = ByteBuffer.wrap(mended).order(ByteOrder.LITTLE_ENDIAN);
        int maxDev = page.getInt(SuperblockLayout.MAX_DEV);
        if (maxDev < 0 || maxDev > SuperblockLayout.MAX_DEVICES) {
            return false;
        }
        page.putInt(SuperblockLayout.CHECKSUM, SuperblockChecksum.of(bytes));
        try {
            SuperblockCodec.decode(device.name(), version, deviceSectors, mended);
            return true;
        } catch (ArrayRefusedException e) {
            return false;
        }
    }
}

package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * Superblocks of metadata 0.90 with a correct checksum: members of a RAID-5 of three that use 960 KiB of 1 MiB each.
 */
final class Sample090 {
    static final long DEVICE_SECTORS = 2048;
    static final long SUPER_SECTOR = 1920;

    private Sample090() {}

    /** Member {@code number} in little-endian order, changed as the test wants. */
    static byte[] of(int number, Consumer<ByteBuffer> change) {
        return of(number, ByteOrder.LITTLE_ENDIAN, change);
    }

    static byte[] of(int number, ByteOrder order, Consumer<ByteBuffer> change) {
        ByteBuffer page = ByteBuffer.allocate(4096).order(order);
        page.putInt(0, 0xa92b4efc).putInt(4, 0).putInt(8, 90);
        page.putInt(20, 0x01020304)
                .putInt(52, 0x11121314)
                .putInt(56, 0x21222324)
                .putInt(60, 0x31323334);
        page.putInt(24, 1_600_000_000).putInt(128, 1_600_000_001);
        page.putInt(28, 5).putInt(32, 960).putInt(36, 3).putInt(40, 3).putInt(44, 127);
        page.putInt(132, 1).putInt(136, 3).putInt(140, 3);
        page.putLong(156, 0x1_0000_0007L).putLong(164, 5).putInt(172, -1);
        page.putInt(256, 2).putInt(260, 65536);
        for (int disk = 0; disk < 3; disk++) {
            putDisk(page, 512 + 128 * disk, disk);
        }
        putDisk(page, 3968, number);
        change.accept(page);
        page.putInt(152, 0);
        long sum = 0;
        for (int at = 0; at < 4096; at += 4) {
            sum += Integer.toUnsignedLong(page.getInt(at));
        }
        page.putInt(152, (int) (sum + (sum >>> 32)));
        return page.array();
    }

    private static void putDisk(ByteBuffer page, int at, int number) {
        page.putInt(at, number).putInt(at + 4, 8).putInt(at + 8, 16 * number);
        page.putInt(at + 12, number).putInt(at + 16, 6);
    }

    /** Writes a superblock at its position on the device. */
    static void put(BlockDevice device, byte[] bytes) throws DeviceException {
        long sector = MetadataVersion.V0_90.superSector(Sectors.floorFromBytes(device.sizeBytes()));
        DevicePage.write(device, sector, bytes, bytes.length);
    }

    /** A device with this superblock. */
    static CrashDisk disk(byte[] bytes) throws DeviceException {
        CrashDisk disk = new CrashDisk("d", Sectors.toBytes(DEVICE_SECTORS));
        put(disk, bytes);
        return disk;
    }
}

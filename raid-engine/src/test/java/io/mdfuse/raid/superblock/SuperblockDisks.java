package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Disks with the sample superblocks: three members of a RAID-5 and a journal. */
public final class SuperblockDisks {
    private SuperblockDisks() {}

    static CrashDisk blank(String name, CrashTrace trace) {
        return new CrashDisk(name, Sectors.toBytes(SampleSuperblock.DEVICE_SECTORS), trace);
    }

    static CrashDisk blank(String name) {
        return blank(name, CrashTrace.notRecording());
    }

    /** Writes a superblock at the sector that it names as its own. */
    static void put(BlockDevice disk, Superblock superblock) throws DeviceException {
        DevicePage.write(disk, superblock.superOffsetSectors(), superblock.toBytes(), SuperblockLayout.READ_BYTES);
        disk.flush();
    }

    /** A device with the sample superblock of this number, with a change. */
    public static FoundDevice device(int number, Consumer<SuperblockEditor> change) throws DeviceException {
        return device(number, CrashTrace.notRecording(), change);
    }

    public static FoundDevice device(int number, CrashTrace trace, Consumer<SuperblockEditor> change)
            throws DeviceException {
        CrashDisk disk = blank("disk" + number, trace);
        Superblock superblock = SampleSuperblock.of(number).edit(change);
        put(disk, superblock);
        return new FoundDevice(disk, superblock);
    }

    /** All four devices, each changed in the same way. */
    public static List<FoundDevice> array(CrashTrace trace, Consumer<SuperblockEditor> change) throws DeviceException {
        List<FoundDevice> devices = new ArrayList<>();
        for (int number = 0; number < 4; number++) {
            devices.add(device(number, trace, change));
        }
        return devices;
    }
}

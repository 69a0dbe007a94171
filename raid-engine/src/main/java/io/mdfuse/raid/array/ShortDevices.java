package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CutShortDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Devices that end before their superblocks say: a disk whose last sectors its firmware hides, or an image that is cut
 * off.
 *
 * <pre>
 *                                            read-only                          otherwise
 *   all that the array uses is there         served                             served; superblock gets the true size
 *   some of what the array uses is missing   served, the end is as bad sectors  refused
 * </pre>
 *
 * What is missing is never taken as lost for good while the array can be written: the image may be whole elsewhere, and
 * each write would make the rest of it older.
 */
final class ShortDevices {
    private final Superblock reference;

    ShortDevices(Assembly assembly) {
        this.reference = assembly.reference();
    }

    /** Sectors of the data area that the array needs of a device in this role. */
    private long neededSectors(FoundDevice device) {
        boolean journal = reference.role(device.superblock().deviceNumber()) == Roles.JOURNAL;
        return journal ? device.superblock().dataSizeSectors() : reference.usedSectors();
    }

    /** How many sectors of what the array uses are not there. */
    long missingSectors(FoundDevice device) {
        return device.isShort() ? Math.max(0, neededSectors(device) - device.roomSectors()) : 0;
    }

    /** The device at the size that it should have, if what the array uses ends behind it. */
    BlockDevice full(FoundDevice device) {
        if (missingSectors(device) == 0) {
            return device.device();
        }
        long endSector = device.superblock().dataOffsetSectors() + neededSectors(device);
        return new CutShortDevice(device.device(), Sectors.toBytes(endSector));
    }

    /** Refuses an array that is to be written although some of a device is missing; says what else is short. */
    static List<String> check(Assembly assembly, boolean readOnly) throws ArrayRefusedException {
        ShortDevices shortDevices = new ShortDevices(assembly);
        List<@Nullable FoundDevice> used = new ArrayList<>(assembly.slots());
        assembly.joining().forEach(joiner -> used.add(joiner.device()));
        used.add(assembly.journal());
        List<String> lines = new ArrayList<>();
        for (FoundDevice device : used) {
            if (device != null && device.isShort()) {
                lines.add(shortDevices.told(device, readOnly));
            }
        }
        return lines;
    }

    private String told(FoundDevice device, boolean readOnly) throws ArrayRefusedException {
        Superblock superblock = device.superblock();
        long saysBytes = Sectors.toBytes(superblock.dataOffsetSectors() + superblock.dataSizeSectors());
        long usedBytes = Sectors.toBytes(superblock.dataOffsetSectors() + neededSectors(device));
        String begin = device.name() + ": has " + device.device().sizeBytes() + " bytes, ";
        if (missingSectors(device) == 0) {
            return begin + "its superblock says " + saysBytes + "; the array uses the first " + usedBytes
                    + ", and all of them are there";
        }
        if (!readOnly) {
            throw new ArrayRefusedException(
                    Reason.UNSAFE,
                    begin + "and the array uses the first " + usedBytes
                            + ": it is cut short; give the whole device or image, look at the array"
                            + " with --read-only, or leave"
                            + " this device out");
        }
        return begin + "and the array uses the first " + usedBytes
                + ": it is cut short, and what is missing can't be read";
    }
}

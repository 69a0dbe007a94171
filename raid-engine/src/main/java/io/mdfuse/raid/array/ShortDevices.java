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
 * Devices that are shorter than their superblocks say: a disk whose firmware hides its last sectors, or an image that
 * is cut off.
 *
 * <pre>
 *                                            read-only                          otherwise
 *   all that the array uses is there         served                             served; superblock gets the true size
 *   some of what the array uses is missing   served, the end is as bad sectors  refused
 * </pre>
 *
 * An array that can be written is refused in the second case, because a complete copy of the image may exist elsewhere,
 * and each write would make that copy older than the array.
 */
final class ShortDevices {
    private final Superblock reference;

    ShortDevices(Assembly assembly) {
        this.reference = assembly.reference();
    }

    /** How many sectors of the device's data area the array uses: in RAID-0 and linear all of them. */
    long neededSectors(FoundDevice device) {
        boolean journal = reference.role(device.superblock().deviceNumber()) == Roles.JOURNAL;
        boolean ofOwnSize = reference.level() <= 0;
        return journal || ofOwnSize ? device.superblock().dataSizeSectors() : reference.usedSectors();
    }

    /** How many sectors that the array uses are past the end of the device. */
    long missingSectors(FoundDevice device) {
        return device.isShort() ? Math.max(0, neededSectors(device) - device.roomSectors()) : 0;
    }

    /** The device, at its full size if sectors that the array uses are missing: reads of these fail. */
    BlockDevice full(FoundDevice device) {
        if (missingSectors(device) == 0) {
            return device.device();
        }
        long endSector = device.superblock().dataOffsetSectors() + neededSectors(device);
        return new CutShortDevice(device.device(), Sectors.toBytes(endSector));
    }

    /**
     * Checks all devices that the array uses.
     *
     * @return a line for each device that is short
     * @throws ArrayRefusedException UNSAFE if sectors that the array uses are missing, and it is not opened read-only
     */
    static List<String> check(Assembly assembly, boolean readOnly) throws ArrayRefusedException {
        ShortDevices shortDevices = new ShortDevices(assembly);
        List<@Nullable FoundDevice> used = new ArrayList<>(assembly.slots());
        assembly.rebuilding().forEach(rebuilding -> used.add(rebuilding.device()));
        used.add(assembly.journal());
        List<String> lines = new ArrayList<>();
        for (FoundDevice device : used) {
            if (device != null && device.isShort()) {
                lines.add(shortDevices.describe(device, readOnly));
            }
        }
        return lines;
    }

    private String describe(FoundDevice device, boolean readOnly) throws ArrayRefusedException {
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

package io.mdfuse.raid.xray;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberBitmap;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The areas of one device, as its superblock places them.
 *
 * @param device its name
 * @param sizeBytes its length
 * @param role what it is in the array, in words
 * @param areas in the order of their first bytes, without the space that nothing uses
 */
public record DeviceMap(String device, long sizeBytes, String role, List<Area> areas) {
    /**
     * One area.
     *
     * @param holds what it holds, in words
     * @param bytes its length; 0 if the length is not known
     */
    public record Area(String holds, long startByte, long bytes) {
        public long endByte() {
            return startByte + bytes;
        }
    }

    public DeviceMap {
        areas = areas.stream().sorted(Comparator.comparingLong(Area::startByte)).toList();
    }

    /**
     * The areas of a device. Of the content only the head of a bitmap is read, since nothing else says how long the
     * bitmap is.
     */
    public static DeviceMap of(FoundDevice found) throws IOException {
        Superblock superblock = found.superblock();
        long start = superblock.superOffsetSectors();
        List<Area> areas = new ArrayList<>();
        areas.add(new Area(
                "superblock, version " + superblock.metadataVersion().text(),
                Sectors.toBytes(start),
                superblock.writtenBytes()));
        if (superblock.hasFeature(Features.BITMAP)) {
            areas.add(bitmap(found));
        } else if (superblock.hasFeature(Features.ANY_PPL)) {
            areas.add(
                    sectors("partial parity log", start + superblock.pplOffsetSectors(), superblock.pplSizeSectors()));
        }
        if (superblock.badBlockLogSectors() != 0 && superblock.badBlockLogOffsetSectors() != 0) {
            areas.add(sectors(
                    "bad-block log", start + superblock.badBlockLogOffsetSectors(), superblock.badBlockLogSectors()));
        }
        addData(found, areas);
        return new DeviceMap(found.name(), found.device().sizeBytes(), role(superblock), areas);
    }

    private static Area bitmap(FoundDevice found) throws IOException {
        Superblock superblock = found.superblock();
        long start = Sectors.toBytes(superblock.superOffsetSectors() + superblock.bitmapOffsetSectors());
        try {
            return new Area("write-intent bitmap", start, MemberBitmap.lengthBytes(found));
        } catch (ArrayRefusedException e) {
            return new Area("write-intent bitmap, not valid", start, 0);
        }
    }

    private static void addData(FoundDevice found, List<Area> areas) {
        Superblock superblock = found.superblock();
        long data = superblock.dataOffsetSectors();
        long room = found.roomSectors();
        if (superblock.ownRole() == Roles.JOURNAL) {
            long tail = Sectors.toBytes(data + superblock.journalTailSector());
            areas.add(sectors("write journal; its log begins at byte " + tail, data, room));
            return;
        }
        // Members of RAID-0 and linear are used to their ends.
        long used = superblock.level() > 0 ? Math.clamp(superblock.usedSectors(), 0, room) : room;
        areas.add(sectors(Roles.isSlot(superblock.ownRole()) ? "data" : "room for data", data, used));
        if (used < room) {
            areas.add(sectors("room for data that the array does not use", data + used, room - used));
        }
    }

    private static Area sectors(String holds, long startSector, long sectors) {
        return new Area(holds, Sectors.toBytes(startSector), Sectors.toBytes(sectors));
    }

    private static String role(Superblock superblock) {
        String role = Roles.describe(superblock.ownRole());
        if (superblock.hasFeature(Features.REPLACEMENT)) {
            return role + ", a replacement";
        }
        return superblock.hasFeature(Features.RECOVERY_OFFSET)
                ? role + ", rebuilt for " + superblock.recoveryOffsetSectors() + " sectors"
                : role;
    }
}

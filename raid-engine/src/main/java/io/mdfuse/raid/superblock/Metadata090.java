package io.mdfuse.raid.superblock;

import static io.mdfuse.raid.superblock.Superblock090.MOST_DISKS;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.Superblock090.Disk;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the superblock of metadata 0.90 and decides whether it may be believed, in this order:
 *
 * <ol>
 *   <li>It lies in the last 64 KiB-aligned 64 KiB of the device. The magic, major version 0 and minor version 90 or 91
 *       are right in one of both byte orders; else there is none.
 *   <li>The checksum is right: the 64-bit sum of all 32-bit words with its own as zero, both halves added to 32 bits;
 *       compared as {@link Superblock090#checksumFits} says.
 *   <li>It is not clustered, and no logical block size is set.
 *   <li>Device numbers and slots are within its table.
 *   <li>The used size fits in front of it.
 *   <li>It is not that of a partition of the device: see {@link LastPartition}.
 * </ol>
 *
 * <p>What it says is put in the terms of a version-1 superblock, so that the same rules assemble the array. That
 * is for reading alone: no such superblock may ever be written.
 */
public final class Metadata090 {
    /** md puts the bitmap right behind the superblock. */
    private static final int BITMAP_OFFSET_SECTORS = 8;

    private Metadata090() {}

    /** 4096 bytes that begin as such a superblock does, in this byte order. */
    @SuppressWarnings("ArrayRecordComponent")
    record Raw(byte[] bytes, ByteOrder order) {
        boolean sound() {
            return superblock().checksumFits();
        }

        long ctimeSeconds() {
            return superblock().ctimeSeconds();
        }

        private Superblock090 superblock() {
            return new Superblock090(bytes, order);
        }
    }

    /** What is at its place, whether or not it may be believed; null where nothing begins like one. */
    static @Nullable Raw read(BlockDevice device) throws DeviceException {
        long sector = MetadataVersion.V0_90.superSector(Sectors.floorFromBytes(device.sizeBytes()));
        if (sector < 0) {
            return null;
        }
        byte[] bytes = DevicePage.read(device, sector, SuperblockLayout.READ_BYTES);
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            ByteBuffer page = ByteBuffer.wrap(bytes).order(order);
            int minor = page.getInt(Superblock090.MINOR_VERSION);
            boolean named = page.getInt(SuperblockLayout.MAGIC) == SuperblockLayout.MAGIC_VALUE
                    && page.getInt(SuperblockLayout.MAJOR_VERSION) == 0
                    && (minor == 90 || minor == 91);
            if (named) {
                return new Raw(bytes, order);
            }
        }
        return null;
    }

    /** True where there is one with a right checksum, served or not. */
    static boolean isOn(BlockDevice device) throws DeviceException {
        Raw raw = read(device);
        return raw != null && raw.sound();
    }

    /**
     * The superblock in its own terms, for those who show it.
     *
     * @throws ArrayRefusedException CORRUPT, UNSUPPORTED or UNSAFE, as {@link SuperblockLocator} refuses it
     */
    public static Optional<Superblock090> find(BlockDevice device) throws DeviceException, ArrayRefusedException {
        Raw raw = read(device);
        return raw == null ? Optional.empty() : Optional.of(check(device, raw));
    }

    static Superblock090 check(BlockDevice device, Raw raw) throws DeviceException, ArrayRefusedException {
        SuperblockCheck check = new SuperblockCheck(device.name() + ": the 0.90 superblock ");
        Superblock090 superblock = raw.superblock();
        check.corruptIf(
                !superblock.checksumFits(),
                String.format(
                        "has checksum %08x, expected %08x", superblock.checksum(), superblock.expectedChecksum()));
        check.unsupportedIf(superblock.clustered(), "is that of a clustered array, which is not supported");
        check.unsupportedIf(
                superblock.logicalBlockBytes() != 0,
                "sets a logical block size of " + Integer.toUnsignedString(superblock.logicalBlockBytes())
                        + " (Linux 6.19), which is not supported");
        checkTable(superblock, check);
        long superSector = MetadataVersion.V0_90.superSector(Sectors.floorFromBytes(device.sizeBytes()));
        check.corruptIf(
                superblock.usedKib() * 2 > superSector,
                "says that " + superblock.usedKib() + " KiB of the device are used, but it lies at sector "
                        + superSector + ": is the device or image cut short?");
        LastPartition.refuseRival(device, superSector, superblock.usedKib() * 2);
        return superblock;
    }

    private static void checkTable(Superblock090 superblock, SuperblockCheck check) throws ArrayRefusedException {
        int raidDisks = superblock.raidDisks();
        check.corruptIf(raidDisks < 1 || raidDisks > MOST_DISKS, "has " + raidDisks + " slots");
        int own = superblock.thisDisk().number();
        check.corruptIf(own < 0 || own >= MOST_DISKS, "gives its device the number " + own);
        check.corruptIf(
                superblock.chunkBytes() % Sectors.BYTES != 0, "has a chunk of " + superblock.chunkBytes() + " bytes");
        for (int number = 0; number < MOST_DISKS; number++) {
            Disk disk = superblock.disk(number);
            boolean wrong = disk.is(Disk.SYNC) && (disk.slot() < 0 || disk.slot() >= MOST_DISKS);
            check.corruptIf(wrong, "gives device number " + number + " the slot " + disk.slot());
        }
    }

    /** What it says, in the terms of version 1; the device's identity is made up from the array's and its number. */
    static Superblock inVersion1(BlockDevice device, Superblock090 old) throws DeviceException {
        long superSector = MetadataVersion.V0_90.superSector(Sectors.floorFromBytes(device.sizeBytes()));
        byte[] deviceUuid = old.setUuid();
        deviceUuid[SuperblockLayout.UUID_BYTES - 1] ^=
                (byte) (1 + old.thisDisk().number());
        SuperblockEditor editor = SuperblockEditor.blank(MetadataVersion.V0_90, MOST_DISKS);
        int features =
                (old.hasBitmap() ? Features.BITMAP : 0) | (old.minorVersion() > 90 ? Features.RESHAPE_ACTIVE : 0);
        editor.featureMap(features);
        editor.setUuid(old.setUuid()).ctimeSeconds(old.ctimeSeconds()).utimeSeconds(old.utimeSeconds());
        editor.level(old.level()).layout(old.layout()).raidDisks(old.raidDisks());
        editor.chunkSectors((int) (old.chunkBytes() / Sectors.BYTES)).usedSectors(old.usedKib() * 2);
        editor.data(0, superSector).superOffsetSectors(superSector);
        editor.deviceNumber(old.thisDisk().number()).deviceUuid(deviceUuid);
        editor.events(old.events()).resyncOffsetSectors(old.resyncOffsetSectors());
        if (old.hasBitmap()) {
            editor.bitmapOffsetSectors(BITMAP_OFFSET_SECTORS);
        }
        for (int number = 0; number < MOST_DISKS; number++) {
            editor.role(number, role(old.disk(number), old.raidDisks()));
        }
        return new Superblock(MetadataVersion.V0_90, editor.finish(), old.byteOrder());
    }

    /** As md has it: who is not in sync has no slot, for there is no place to say how far a rebuild came. */
    private static int role(Disk disk, int raidDisks) {
        if (disk.is(Disk.FAULTY)) {
            return Roles.FAULTY;
        }
        if (!disk.is(Disk.SYNC)) {
            return Roles.SPARE;
        }
        boolean marked = disk.is(Disk.DISK_ERROR) && disk.slot() < raidDisks;
        return marked ? disk.slot() | Roles.DISK_ERROR : disk.slot();
    }
}

package io.mdfuse.raid.superblock;

import static io.mdfuse.raid.superblock.Superblock090.MAX_DISKS;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.Superblock090.Disk;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the superblock of metadata 0.90 and decides whether it is valid. The rules are those of Linux
 * {@code super_90_load} and stricter, in this order:
 *
 * <ol>
 *   <li>It lies in the last 64 KiB-aligned 64 KiB of the device. The magic, major version 0 and minor version 90 or 91
 *       are correct in one of the two byte orders; otherwise there is no superblock.
 *   <li>The checksum is correct: the 64-bit sum of all 32-bit words, with the checksum itself taken as zero, and both
 *       halves of the sum added to 32 bits; compared as described in {@link Superblock090#checksumFits}.
 *   <li>It is not clustered, and no logical block size is set.
 *   <li>Device numbers and slots are within its table of 27 devices.
 *   <li>The used size fits in front of the superblock.
 *   <li>It can't be the superblock of a partition of the device: see {@link LastPartition}.
 * </ol>
 *
 * <p>A valid superblock is translated to a {@link Superblock} of version 1, so that the same rules assemble the array.
 * The result is only for reading: it must never be written.
 */
public final class Metadata090 {
    /** md puts the bitmap directly after the superblock. */
    private static final int BITMAP_OFFSET_SECTORS = 8;

    private Metadata090() {}

    /** 4096 bytes that begin with the magic and version of metadata 0.90, in this byte order. */
    @SuppressWarnings("ArrayRecordComponent")
    record Raw(byte[] bytes, ByteOrder order) {
        boolean checksumFits() {
            return superblock().checksumFits();
        }

        long ctimeSeconds() {
            return superblock().ctimeSeconds();
        }

        private Superblock090 superblock() {
            return new Superblock090(bytes, order);
        }
    }

    /**
     * The bytes at the superblock's position, valid or not; null if they do not begin like a superblock of metadata
     * 0.90.
     */
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

    /** True if there is one with a correct checksum, served or not. */
    static boolean exists(BlockDevice device) throws DeviceException {
        Raw raw = read(device);
        return raw != null && raw.checksumFits();
    }

    /**
     * The superblock in its own format, for a caller that shows it.
     *
     * @throws ArrayRefusedException CORRUPT, UNSUPPORTED or UNSAFE if the superblock is refused
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
        check.corruptIf(raidDisks < 1 || raidDisks > MAX_DISKS, "has " + raidDisks + " slots");
        int own = superblock.thisDisk().number();
        check.corruptIf(own < 0 || own >= MAX_DISKS, "gives its device the number " + own);
        check.corruptIf(
                superblock.chunkBytes() % Sectors.BYTES != 0, "has a chunk of " + superblock.chunkBytes() + " bytes");
        for (int number = 0; number < MAX_DISKS; number++) {
            Disk disk = superblock.disk(number);
            boolean wrong = disk.is(Disk.SYNC) && (disk.slot() < 0 || disk.slot() >= MAX_DISKS);
            check.corruptIf(wrong, "gives device number " + number + " the slot " + disk.slot());
        }
    }

    /**
     * Translates the superblock to version 1. The device UUID, which metadata 0.90 lacks, is made of the array's UUID
     * and the device number.
     */
    static Superblock toVersion1(BlockDevice device, Superblock090 old) throws DeviceException {
        long superSector = MetadataVersion.V0_90.superSector(Sectors.floorFromBytes(device.sizeBytes()));
        byte[] deviceUuid = old.setUuid();
        deviceUuid[SuperblockLayout.UUID_BYTES - 1] ^=
                (byte) (1 + old.thisDisk().number());
        SuperblockEditor editor = SuperblockEditor.blank(MetadataVersion.V0_90, MAX_DISKS);
        Optional<ReshapeState> reshape = old.reshape();
        editor.featureMap(
                (old.hasBitmap() ? Features.BITMAP : 0) | (reshape.isPresent() ? Features.RESHAPE_ACTIVE : 0));
        reshape.ifPresent(state -> state.store(editor));
        editor.setUuid(old.setUuid()).ctimeSeconds(old.ctimeSeconds()).utimeSeconds(old.utimeSeconds());
        editor.preferredMinor(old.preferredMinor());
        editor.level(old.level()).layout(old.layout()).raidDisks(old.raidDisks());
        editor.chunkSectors((int) (old.chunkBytes() / Sectors.BYTES)).usedSectors(old.usedKib() * 2);
        editor.data(0, superSector).superOffsetSectors(superSector);
        editor.deviceNumber(old.thisDisk().number()).deviceUuid(deviceUuid);
        editor.events(old.events()).resyncOffsetSectors(old.resyncOffsetSectors());
        if (old.hasBitmap()) {
            editor.bitmapOffsetSectors(BITMAP_OFFSET_SECTORS);
        }
        for (int number = 0; number < MAX_DISKS; number++) {
            editor.role(number, role(old.disk(number), old.raidDisks()));
        }
        return new Superblock(MetadataVersion.V0_90, editor.finish(), old.byteOrder());
    }

    /**
     * As in md ({@code super_90_validate}): a device that is not in sync is a spare, since metadata 0.90 has no field
     * for the progress of a rebuild.
     */
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

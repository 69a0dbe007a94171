package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.copies.CopyExtent;
import io.mdfuse.raid.copies.CopyLayout;
import io.mdfuse.raid.copies.CopyLevel;
import io.mdfuse.raid.copies.CopyPlace;
import io.mdfuse.raid.copies.CopyShape;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockEditor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * A small array without parity on disks in memory. Every sector of its volume contains the sector's number, and every
 * other sector of the disks junk.
 */
final class CopiedArray {
    private static final int DATA_OFFSET_SECTORS = 32;
    private static final int SUPER_SECTOR = 8;
    private static final byte[] UUID = {3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    private final List<CrashDisk> disks = new ArrayList<>();
    private final CopyLayout layout;

    /**
     * @param level md's number
     * @param layoutNumber the superblocks' layout field
     * @param dataSectors how many sectors for data each member has
     */
    CopiedArray(int level, int layoutNumber, int chunkSectors, int... dataSectors) throws IOException {
        for (int slot = 0; slot < dataSectors.length; slot++) {
            CrashDisk disk =
                    new CrashDisk("disk" + slot, Sectors.toBytes(DATA_OFFSET_SECTORS + (long) dataSectors[slot]));
            byte[] junk = new byte[(int) disk.sizeBytes()];
            Arrays.fill(junk, (byte) 0xa5);
            disk.write(0, MemorySegment.ofArray(junk));
            Superblock superblock = superblock(level, layoutNumber, chunkSectors, slot, dataSectors);
            disk.write(Sectors.toBytes(SUPER_SECTOR), MemorySegment.ofArray(superblock.toBytes()));
            disks.add(disk);
        }
        Superblock reference = MemberLocator.require(disks.getFirst()).superblock();
        layout = CopyShape.layout(
                "array",
                CopyLevel.of(reference).orElseThrow(),
                reference,
                Arrays.stream(dataSectors).mapToObj(Long::valueOf).toList(),
                null);
        for (long sector = 0; sector < layout.volumeSectors(); sector++) {
            CopyExtent extent = layout.extentAt(sector);
            for (CopyPlace place : extent.places()) {
                disks.get(place.slot())
                        .write(
                                Sectors.toBytes(DATA_OFFSET_SECTORS + place.memberSector()),
                                MemorySegment.ofArray(content(sector)));
            }
        }
    }

    private static Superblock superblock(int level, int layout, int chunkSectors, int slot, int... dataSectors) {
        byte[] deviceUuid = UUID.clone();
        deviceUuid[0] = (byte) (100 + slot);
        SuperblockEditor editor = SuperblockEditor.blank(MetadataVersion.V1_2, 128);
        editor.setUuid(UUID).setName("copies").deviceUuid(deviceUuid);
        editor.level(level).layout(layout).raidDisks(dataSectors.length).chunkSectors(chunkSectors);
        editor.featureMap(level == 0 && layout > 0 ? 4096 : 0);
        editor.usedSectors(level > 0 ? Arrays.stream(dataSectors).min().orElseThrow() : 0);
        editor.superOffsetSectors(SUPER_SECTOR).data(DATA_OFFSET_SECTORS, dataSectors[slot]);
        editor.deviceNumber(slot).events(20).resyncOffsetSectors(Superblock.IN_SYNC);
        for (int member = 0; member < dataSectors.length; member++) {
            editor.role(member, member);
        }
        return Superblock.of(editor);
    }

    /** The content of a sector of the volume. */
    static byte[] content(long volumeSector) {
        byte[] content = new byte[Sectors.BYTES];
        MemorySegment.ofArray(content).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, volumeSector);
        content[Sectors.BYTES - 1] = 1;
        return content;
    }

    /** The disks by slot. */
    List<CrashDisk> disks() {
        return disks;
    }

    long volumeSectors() {
        return layout.volumeSectors();
    }

    CopyLayout layout() {
        return layout;
    }

    /** Where the data sector of a member lies on its device, in bytes. */
    static long deviceByte(long memberSector) {
        return Sectors.toBytes(DATA_OFFSET_SECTORS + memberSector);
    }

    /** Changes the superblocks of all disks. */
    void editAll(Consumer<SuperblockEditor> change) throws IOException {
        for (CrashDisk disk : disks) {
            Superblocks.edit(disk, change);
        }
    }

    static RaidArray open(List<? extends BlockDevice> devices, AssembleOptions options) throws IOException {
        return ArrayShape.open(devices, null, options);
    }

    /** Reads every sector on its own; false for one that can't be read. Fails if one has the wrong content. */
    static boolean[] readable(RaidArray array) {
        boolean[] readable = new boolean[(int) (array.sizeBytes() / Sectors.BYTES)];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sector = arena.allocate(Sectors.BYTES);
            for (int number = 0; number < readable.length; number++) {
                try {
                    array.read(Sectors.toBytes(number), sector);
                } catch (IOException e) {
                    continue;
                }
                if (sector.mismatch(MemorySegment.ofArray(content(number))) >= 0) {
                    throw new AssertionError("volume sector " + number + " has the wrong content");
                }
                readable[number] = true;
            }
        }
        return readable;
    }

    /** Reads the whole volume in one request and in requests of odd lengths, and compares. */
    static void requireWhole(RaidArray array) throws IOException {
        byte[] expected = new byte[(int) array.sizeBytes()];
        for (int number = 0; number < expected.length / Sectors.BYTES; number++) {
            System.arraycopy(content(number), 0, expected, number * Sectors.BYTES, Sectors.BYTES);
        }
        for (int step : new int[] {expected.length, 4096, 13_313}) {
            for (int at = 0; at < expected.length; at += step) {
                byte[] read = new byte[Math.min(step, expected.length - at)];
                array.read(at, MemorySegment.ofArray(read));
                if (Arrays.mismatch(read, 0, read.length, expected, at, at + read.length) >= 0) {
                    throw new AssertionError("bytes from " + at + " are wrong");
                }
            }
        }
    }
}

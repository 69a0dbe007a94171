package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.DeviceSlice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.foreign.PartitionTables;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * An image or device that is longer than the disk from which it was copied. Metadata 1.0 and 0.90 lie at the end of the
 * disk, so they are not at their position in such an image. They are searched for in the last {@link #TAIL_BYTES} (in a
 * small image: everywhere), and at their positions on disks of the usual sizes, for a disk that was copied to a larger
 * one.
 *
 * <ol>
 *   <li>A 1.0 superblock records its own sector; it is accepted only there. The disk is taken to end 16 sectors after
 *       the superblock's first sector.
 *   <li>A 0.90 superblock does not. It is accepted at a multiple of 64 KiB if the image has no partition table, and if
 *       the part of the disk that it uses ends before it. The disk ended 128 to 255 sectors after the superblock's
 *       first sector; the array uses none of them, so 128 is taken.
 *   <li>On a disk of that length the superblock must be found and valid by the usual rules. Of several the last one is
 *       taken.
 * </ol>
 */
public final class OverlongImage {
    private static final long TAIL_BYTES = 64L << 20;
    private static final long SMALL_BYTES = 256L << 20;
    private static final int STEP_BYTES = 1 << 20;
    private static final int PAGE_BYTES = 4096;
    private static final long BLOCK_090_BYTES = 64L << 10;

    /**
     * Disks that are sold by the gigabyte have 97,696,368 sectors for the first 50 GB and 1,953,504 for each further
     * one (IDEMA LBA1-03).
     */
    private static final int MAX_GIGABYTES = 32_000;

    private OverlongImage() {}

    /**
     * The device cut to the length of its disk; empty if no superblock of a shorter disk is found.
     *
     * @throws DeviceException if the device fails; ranges that can't be read are skipped
     */
    public static Optional<DeviceSlice> find(BlockDevice device) throws DeviceException {
        TreeSet<Long> sizes = new TreeSet<>();
        long size = device.sizeBytes();
        long from = size <= SMALL_BYTES ? 0 : (size - TAIL_BYTES) / STEP_BYTES * STEP_BYTES;
        for (long at = from; at < size; at += STEP_BYTES) {
            scan(device, at, (int) Math.min(STEP_BYTES, size - at), sizes);
        }
        for (long sizeBytes : usualSizes(size)) {
            long sectors = sizeBytes / Sectors.BYTES;
            for (MetadataVersion version : new MetadataVersion[] {MetadataVersion.V1_0, MetadataVersion.V0_90}) {
                scan(device, Sectors.toBytes(version.superSector(sectors)), PAGE_BYTES, sizes);
            }
        }
        for (long sizeBytes : sizes.descendingSet()) {
            DeviceSlice slice = new DeviceSlice(device, 0, sizeBytes);
            if (sizeBytes < size && isMember(slice)) {
                return Optional.of(slice);
            }
        }
        return Optional.empty();
    }

    /** Describes the problem, in words that follow the device's name. */
    public static String words(BlockDevice device, long diskBytes) {
        return "is " + (device.sizeBytes() - diskBytes)
                + " bytes longer than the disk was: its superblock lies where a disk" + " of " + diskBytes
                + " bytes has it";
    }

    private static boolean isMember(DeviceSlice slice) throws DeviceException {
        try {
            Optional<Superblock> found = SuperblockLocator.find(slice);
            boolean old = found.isPresent() && found.get().metadataVersion() == MetadataVersion.V0_90;
            return found.isPresent() && !(old && PartitionTables.find(slice).isPresent());
        } catch (ArrayRefusedException e) {
            return false;
        }
    }

    /** Adds the length of the disk to {@code sizes} for each page that begins like a 1.0 or 0.90 superblock. */
    private static void scan(BlockDevice device, long fromBytes, int lengthBytes, Set<Long> sizes)
            throws DeviceException {
        int pages = lengthBytes / PAGE_BYTES * PAGE_BYTES;
        if (pages == 0) {
            return;
        }
        byte[] bytes;
        try {
            bytes = DevicePage.read(device, fromBytes / Sectors.BYTES, pages);
        } catch (DeviceException e) {
            // A superblock in a range that can't be read could not be used anyway.
            return;
        }
        for (int at = 0; at < pages; at += PAGE_BYTES) {
            long place = fromBytes + at;
            long sizeBytes = diskBytes(ByteBuffer.wrap(bytes, at, PAGE_BYTES).slice(), place);
            if (sizeBytes > 0 && sizeBytes <= device.sizeBytes()) {
                sizes.add(sizeBytes);
            }
        }
    }

    private static long diskBytes(ByteBuffer page, long placeBytes) {
        ByteBuffer little = page.order(ByteOrder.LITTLE_ENDIAN);
        boolean named = little.getInt(0) == SuperblockLayout.MAGIC_VALUE
                || Integer.reverseBytes(little.getInt(0)) == SuperblockLayout.MAGIC_VALUE;
        if (!named) {
            return 0;
        }
        long sector = placeBytes / Sectors.BYTES;
        boolean one = little.getInt(SuperblockLayout.MAJOR_VERSION) == SuperblockLayout.MAJOR_VERSION_VALUE;
        if (one && little.getLong(SuperblockLayout.SUPER_OFFSET) == sector) {
            return placeBytes + 16 * Sectors.BYTES;
        }
        boolean zero = little.getInt(SuperblockLayout.MAJOR_VERSION) == 0;
        return zero && placeBytes % BLOCK_090_BYTES == 0 ? placeBytes + BLOCK_090_BYTES : 0;
    }

    private static Set<Long> usualSizes(long belowBytes) {
        TreeSet<Long> sizes = new TreeSet<>();
        for (int gigabytes = 50; gigabytes <= MAX_GIGABYTES; gigabytes += gigabytes < 1000 ? 10 : 100) {
            sizes.add(Sectors.toBytes(97_696_368L + 1_953_504L * (gigabytes - 50)));
        }
        for (int gigabytes : new int[] {64, 128, 256, 512, 1024, 2048}) {
            sizes.add(Sectors.toBytes(97_696_368L + 1_953_504L * (gigabytes - 50)));
            sizes.add((long) gigabytes << 30);
        }
        return new TreeSet<>(sizes.headSet(belowBytes));
    }
}

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
 * An image, or a device, that is longer than the disk was. Metadata 1.0 and 0.90 lie at the end of the disk, so they
 * are not found at their place then. They are looked for in the last {@link #TAIL_BYTES} (a small image: all of it) and
 * where they lie on disks of the usual sizes, for a disk that was copied to a larger one.
 *
 * <ol>
 *   <li>A superblock of 1.0 says where it lies; only one that lies there counts. The disk had 16 sectors more.
 *   <li>One of 0.90 does not. It counts on a multiple of 64 KiB if no partition table names a partition that may own
 *       it, and if what it uses of the disk ends before it. The disk had 128 sectors more, or up to 255: nothing that
 *       the array uses.
 *   <li>On the disk of that length the superblock has to be found and judged as on any other. Of several the last one
 *       counts.
 * </ol>
 */
public final class OverlongImage {
    private static final long TAIL_BYTES = 64L << 20;
    private static final long SMALL_BYTES = 256L << 20;
    private static final int STEP_BYTES = 1 << 20;
    private static final int PAGE_BYTES = 4096;
    private static final long BLOCK_090_BYTES = 64L << 10;

    /**
     * What is sold by the gigabyte has 97,696,368 sectors for the first 50, and 1,953,504 for each more (IDEMA
     * LBA1-03).
     */
    private static final int MOST_GIGABYTES = 32_000;

    private OverlongImage() {}

    /** The device as long as the disk was, if there is a superblock that says so and none at its place. */
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

    /** What is wrong with the device, in words that follow its name. */
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

    /** Notes how long the disk was, for each page that begins as such a superblock does. */
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
            // What can't be read holds no superblock that could be used.
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
        for (int gigabytes = 50; gigabytes <= MOST_GIGABYTES; gigabytes += gigabytes < 1000 ? 10 : 100) {
            sizes.add(Sectors.toBytes(97_696_368L + 1_953_504L * (gigabytes - 50)));
        }
        for (int gigabytes : new int[] {64, 128, 256, 512, 1024, 2048}) {
            sizes.add(Sectors.toBytes(97_696_368L + 1_953_504L * (gigabytes - 50)));
            sizes.add((long) gigabytes << 30);
        }
        return new TreeSet<>(sizes.headSet(belowBytes));
    }
}

package io.mdfuse.raid.superblock;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.util.Arrays;
import java.util.BitSet;

/** The sectors of the write-intent bitmap on one member, at bitmap_offset sectors from its superblock. */
public final class BitmapArea {
    private final BlockDevice device;
    private final long sector;

    private BitmapArea(BlockDevice device, long sector) {
        this.device = device;
        this.sector = sector;
    }

    /** The area that the member's superblock names, whatever it holds. */
    public static BitmapArea of(FoundDevice member) {
        Superblock superblock = member.superblock();
        return new BitmapArea(member.device(), superblock.superOffsetSectors() + superblock.bitmapOffsetSectors());
    }

    /**
     * The area on a device that is to get this image; refused if the image would overlap data or the superblock, or end
     * beyond the device.
     */
    public static BitmapArea forImage(FoundDevice member, BitmapImage image) throws ArrayRefusedException {
        BitmapArea area = of(member);
        area.check(member.superblock(), image.bytes().length);
        return area;
    }

    /** Refuses an area that is not free for a bitmap of this length. */
    void check(Superblock superblock, int lengthBytes) throws ArrayRefusedException {
        long end = sector + lengthBytes / Sectors.BYTES;
        long dataEnd = superblock.dataOffsetSectors() + superblock.usedSectors();
        long superSector = superblock.superOffsetSectors();
        boolean inside = sector >= 0 && Sectors.toBytes(end) <= device.sizeBytes();
        boolean inData = sector < dataEnd && superblock.dataOffsetSectors() < end;
        boolean inSuper = sector < superSector + superblock.writtenBytes() / Sectors.BYTES && superSector < end;
        if (!inside || inData || inSuper) {
            throw new ArrayRefusedException(
                    Reason.CORRUPT,
                    device.name() + ": its write-intent bitmap would lie at sectors " + sector + " to " + end
                            + ", which are " + (inside ? "used for something else" : "not on the device"));
        }
    }

    byte[] read(int lengthBytes) throws DeviceException {
        return DevicePage.read(device, sector, lengthBytes);
    }

    /** Writes some pages of the image; they are durable after {@link #flush}. */
    public void write(BitmapImage image, BitSet pages) throws DeviceException {
        for (int page = pages.nextSetBit(0); page >= 0; page = pages.nextSetBit(page + 1)) {
            write(image, image.pageFrom(page), image.pageEnd(page));
        }
    }

    private void write(BitmapImage image, int from, int end) throws DeviceException {
        if (from < end) {
            byte[] bytes = Arrays.copyOfRange(image.bytes(), from, end);
            DevicePage.write(device, sector + from / Sectors.BYTES, bytes, end - from);
        }
    }

    /**
     * Replaces a bitmap of any content by the image, durably. The piece with the head is written last, so that a bitmap
     * that was stale remains stale until all its bits or states are correct.
     */
    public void rewrite(BitmapImage image) throws DeviceException {
        BitSet others = image.allPages();
        others.clear(0);
        int headBytes = Math.min(image.pieceBytes(), image.pageEnd(0));
        if (!others.isEmpty() || headBytes < image.pageEnd(0)) {
            write(image, others);
            write(image, headBytes, image.pageEnd(0));
            flush();
        }
        write(image, 0, headBytes);
        flush();
    }

    public void flush() throws DeviceException {
        device.flush();
    }
}

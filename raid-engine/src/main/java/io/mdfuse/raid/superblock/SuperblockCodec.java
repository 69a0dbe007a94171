package io.mdfuse.raid.superblock;

import static io.mdfuse.raid.superblock.SuperblockLayout.*;

import io.mdfuse.device.Sectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Decides whether 4096 bytes are a superblock that may be believed. The rules are those by which md itself loads
 * one (Linux super_1_load), in this order:
 *
 * <ol>
 *   <li>The magic and major version are right; else there is no superblock here.
 *   <li>max_dev lets the role table end within the 4096 bytes.
 *   <li>The checksum over the 256 bytes and the role table is right.
 *   <li>super_offset is the sector at which it was read: a copied or shifted superblock is not believed.
 *   <li>No unknown feature; neither kind of PPL beside the other, a bitmap or a journal; RAID0_LAYOUT only for level 0.
 *   <li>pad0 and pad3 are zero; the logical block size is 0 or a power of two from 512 to 4096.
 *   <li>The data area has at least 10 sectors and is clear of the superblock. In front of a superblock it ends there;
 *       behind one it may end behind the device's end, for a device or image that is cut short: {@link
 *       FoundDevice#roomSectors}.
 * </ol>
 */
public final class SuperblockCodec {
    private static final int LEAST_DATA_SECTORS = 10;

    /** 8 EiB less a bit: no sum of two such numbers wraps around. */
    private static final long MOST_SECTORS = 1L << 54;

    /** md's page: it takes no larger logical block. */
    private static final int MOST_BLOCK_BYTES = 4096;

    private SuperblockCodec() {}

    /** True where md takes this as an array's logical block size, in bytes; 0 says that none was recorded. */
    public static boolean isLogicalBlock(long bytes) {
        return bytes == 0 || (bytes >= Sectors.BYTES && bytes <= MOST_BLOCK_BYTES && Long.bitCount(bytes) == 1);
    }

    /** True where the bytes begin as a version-1 superblock does, whatever follows. */
    public static boolean hasMagic(byte[] bytes) {
        ByteBuffer page = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return page.getInt(MAGIC) == MAGIC_VALUE && page.getInt(MAJOR_VERSION) == MAJOR_VERSION_VALUE;
    }

    /**
     * Judges what was read.
     *
     * @param deviceName for messages
     * @param version where it was read
     * @param deviceSectors the whole size of the device
     * @param bytes 4096 bytes for which {@link #hasMagic} holds; they are taken over
     * @throws ArrayRefusedException CORRUPT or UNSUPPORTED
     */
    public static Superblock decode(String deviceName, MetadataVersion version, long deviceSectors, byte[] bytes)
            throws ArrayRefusedException {
        Superblock superblock = new Superblock(version, bytes);
        SuperblockCheck check = new SuperblockCheck(deviceName + ": the " + version.text() + " superblock ");
        int maxDev = superblock.maxDev();
        check.corruptIf(maxDev < 0 || maxDev > MOST_DEVICES, "claims room for " + maxDev + " devices");
        int expected = SuperblockChecksum.of(bytes);
        check.corruptIf(
                superblock.checksum() != expected,
                String.format("has checksum %08x, expected %08x", superblock.checksum(), expected));
        check.corruptIf(
                superblock.superOffsetSectors() != version.superSector(deviceSectors),
                "lies at sector " + version.superSector(deviceSectors) + " but says "
                        + Long.toUnsignedString(superblock.superOffsetSectors()));
        checkFeatures(superblock, check);
        checkPadding(superblock, check);
        checkDataArea(superblock, check);
        return superblock;
    }

    private static void checkFeatures(Superblock superblock, SuperblockCheck check) throws ArrayRefusedException {
        int unknown = superblock.featureMap() & ~Features.KNOWN;
        check.unsupportedIf(unknown != 0, "has features that are not known here: " + Features.names(unknown));
        int ppl = superblock.featureMap() & Features.ANY_PPL;
        int rivals = superblock.featureMap() & (Features.BITMAP | Features.JOURNAL);
        boolean clash = ppl == Features.ANY_PPL || (ppl != 0 && rivals != 0);
        check.corruptIf(clash, "has features that exclude each other: " + Features.names(ppl | rivals));
        boolean raid0 = superblock.hasFeature(Features.RAID0_LAYOUT) && superblock.level() != 0;
        check.corruptIf(raid0, "has the feature raid0-layout but level " + superblock.level());
    }

    private static void checkPadding(Superblock superblock, SuperblockCheck check) throws ArrayRefusedException {
        ByteBuffer page = ByteBuffer.wrap(superblock.toBytes()).order(ByteOrder.LITTLE_ENDIAN);
        check.corruptIf(page.getInt(PAD0) != 0, "has a non-zero pad at offset 12");
        for (int at = PAD3; at < PAD3 + PAD3_BYTES; at++) {
            check.corruptIf(page.get(at) != 0, "has a non-zero pad at offset " + at);
        }
        long blockBytes = Integer.toUnsignedLong(page.getInt(LOGICAL_BLOCK_SIZE));
        String sets = "sets a logical block size of " + blockBytes + " bytes, but ";
        boolean larger = blockBytes > MOST_BLOCK_BYTES && Long.bitCount(blockBytes) == 1;
        check.unsupportedIf(larger, sets + "Linux md has none above " + MOST_BLOCK_BYTES);
        check.corruptIf(
                !isLogicalBlock(blockBytes), sets + "it is 0 or a power of two from 512 to " + MOST_BLOCK_BYTES);
    }

    private static void checkDataArea(Superblock superblock, SuperblockCheck check) throws ArrayRefusedException {
        long start = superblock.dataOffsetSectors();
        long size = superblock.dataSizeSectors();
        check.corruptIf(size >= 0 && size < LEAST_DATA_SECTORS, "leaves only " + size + " sectors for data");
        boolean atEnd = superblock.metadataVersion() == MetadataVersion.V1_0;
        long room = superblock.superOffsetSectors();
        // Written so that no sum of two absurd values can wrap around and look right.
        boolean sensible = start >= 0 && size >= 0 && start <= MOST_SECTORS && size <= MOST_SECTORS;
        boolean inside = sensible && (!atEnd || (start <= room && size <= room - start));
        check.corruptIf(
                !inside,
                "puts " + Long.toUnsignedString(size) + " sectors of data at sector " + Long.toUnsignedString(start)
                        + (sensible ? ", but it lies at sector " + room + " itself" : ", which no device has"));
        long superEnd = superblock.superOffsetSectors() + superblock.writtenBytes() / Sectors.BYTES;
        check.corruptIf(!atEnd && start < superEnd, "lies inside its own data area");
    }
}

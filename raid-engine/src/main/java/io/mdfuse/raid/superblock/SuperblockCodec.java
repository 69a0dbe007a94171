package io.mdfuse.raid.superblock;

import static io.mdfuse.raid.superblock.SuperblockLayout.*;

import io.mdfuse.device.Sectors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Decides whether 4096 bytes are a valid version-1 superblock. The rules are those by which md itself loads one (Linux
 * {@code super_1_load}), in this order:
 *
 * <ol>
 *   <li>The magic and the major version are correct; otherwise there is no superblock here.
 *   <li>The role table, which has max_dev entries, ends within the 4096 bytes.
 *   <li>The checksum over the first 256 bytes and the role table is correct: {@link SuperblockChecksum}.
 *   <li>super_offset is the sector at which it was read: a copied or shifted superblock is refused.
 *   <li>No unknown feature is set; neither kind of PPL is combined with the other kind, a bitmap or a journal;
 *       RAID0_LAYOUT is set only for level 0.
 *   <li>pad0 and pad3 are zero; the logical block size is 0 or a power of two from 512 to 4096.
 *   <li>The data area has at least 10 sectors and does not overlap the superblock. A data area in front of the
 *       superblock ends before it; one behind the superblock may extend beyond the end of the device, since the device
 *       or image may be cut short: {@link FoundDevice#roomSectors}.
 * </ol>
 */
public final class SuperblockCodec {
    private static final int MIN_DATA_SECTORS = 10;

    /** An upper bound for offsets and sizes, beyond any device: no sum of two such numbers overflows. */
    private static final long MAX_SECTORS = 1L << 54;

    /** md accepts no logical block that is larger than a page of 4096 bytes. */
    private static final int MAX_BLOCK_BYTES = 4096;

    private SuperblockCodec() {}

    /** True if md accepts this as an array's logical block size in bytes; 0 means that none is recorded. */
    public static boolean isLogicalBlock(long bytes) {
        return bytes == 0 || (bytes >= Sectors.BYTES && bytes <= MAX_BLOCK_BYTES && Long.bitCount(bytes) == 1);
    }

    /** True if the bytes begin with the magic and major version of a version-1 superblock, whatever follows. */
    public static boolean hasMagic(byte[] bytes) {
        ByteBuffer page = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return page.getInt(MAGIC) == MAGIC_VALUE && page.getInt(MAJOR_VERSION) == MAJOR_VERSION_VALUE;
    }

    /**
     * Checks bytes that were read and makes a superblock of them.
     *
     * @param deviceName for messages
     * @param version the position at which they were read
     * @param deviceSectors the whole size of the device
     * @param bytes 4096 bytes for which {@link #hasMagic} is true; the caller must not use the array afterwards
     * @throws ArrayRefusedException CORRUPT if the bytes contradict themselves, UNSUPPORTED if they use something that
     *     is not served
     */
    public static Superblock decode(String deviceName, MetadataVersion version, long deviceSectors, byte[] bytes)
            throws ArrayRefusedException {
        Superblock superblock = new Superblock(version, bytes);
        SuperblockCheck check = new SuperblockCheck(deviceName + ": the " + version.text() + " superblock ");
        int maxDev = superblock.maxDev();
        check.corruptIf(maxDev < 0 || maxDev > MAX_DEVICES, "claims room for " + maxDev + " devices");
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
        boolean larger = blockBytes > MAX_BLOCK_BYTES && Long.bitCount(blockBytes) == 1;
        check.unsupportedIf(larger, sets + "Linux md has none above " + MAX_BLOCK_BYTES);
        check.corruptIf(!isLogicalBlock(blockBytes), sets + "it is 0 or a power of two from 512 to " + MAX_BLOCK_BYTES);
    }

    private static void checkDataArea(Superblock superblock, SuperblockCheck check) throws ArrayRefusedException {
        long start = superblock.dataOffsetSectors();
        long size = superblock.dataSizeSectors();
        check.corruptIf(size >= 0 && size < MIN_DATA_SECTORS, "leaves only " + size + " sectors for data");
        boolean atEnd = superblock.metadataVersion() == MetadataVersion.V1_0;
        long room = superblock.superOffsetSectors();
        // Compared in this form so that no sum of two absurd values can overflow and look valid.
        boolean sensible = start >= 0 && size >= 0 && start <= MAX_SECTORS && size <= MAX_SECTORS;
        boolean inside = sensible && (!atEnd || (start <= room && size <= room - start));
        check.corruptIf(
                !inside,
                "puts " + Long.toUnsignedString(size) + " sectors of data at sector " + Long.toUnsignedString(start)
                        + (sensible ? ", but it lies at sector " + room + " itself" : ", which no device has"));
        long superEnd = superblock.superOffsetSectors() + superblock.writtenBytes() / Sectors.BYTES;
        check.corruptIf(!atEnd && start < superEnd, "lies inside its own data area");
    }
}

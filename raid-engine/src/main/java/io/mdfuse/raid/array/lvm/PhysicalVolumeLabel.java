package io.mdfuse.raid.array.lvm;

import io.mdfuse.raid.array.content.VolumeBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The label that makes a volume an LVM2 physical volume. It is in one of the first four sectors of 512 bytes, usually
 * the second; all numbers are little-endian:
 *
 * <pre>
 *   offset  bytes  content
 *        0      8  "LABELONE"
 *        8      8  the number of this sector
 *       16      4  checksum of this sector from byte 20 on
 *       20      4  where the header of the physical volume begins in this sector (32)
 *       24      8  "LVM2 001"
 *       32     32  the UUID, without its hyphens                                  the header
 *       64      8  the size of the device in bytes
 *       72         data areas: offset and size, 8 bytes each, until one has offset 0
 *                  metadata areas: in the same form
 * </pre>
 *
 * <p>A label is valid if text, type, sector number and checksum fit. Of several valid ones lvm2 takes the first.
 *
 * @param uuid 32 letters and digits, without hyphens
 * @param deviceBytes the size of the device when the label was written
 * @param metadataAreas empty for a physical volume without metadata
 */
public record PhysicalVolumeLabel(String uuid, long deviceBytes, List<Area> metadataAreas) {
    /** A part of the physical volume, in bytes. */
    public record Area(long offsetBytes, long lengthBytes) {}

    private static final int SECTORS = 4;
    private static final int SECTOR_BYTES = 512;
    private static final String ID = "LABELONE";
    private static final String TYPE = "LVM2 001";
    private static final int NUMBER = 8;
    private static final int CHECKSUM = 16;
    private static final int CHECKED_FROM = 20;
    private static final int HEADER_OFFSET = 20;
    private static final int TYPE_OFFSET = 24;
    private static final int LEAST_HEADER = 32;
    private static final int UUID_BYTES = 32;

    /**
     * The first valid label.
     *
     * @throws LvmDamagedException if a label is there, and none of them is valid
     * @throws IOException if one of the sectors can't be read, and no label is in the others
     */
    public static Optional<PhysicalVolumeLabel> find(VolumeBytes bytes) throws IOException {
        IOException trouble = null;
        for (int number = 0; number < SECTORS; number++) {
            try {
                ByteBuffer sector = bytes.littleEndian((long) number * SECTOR_BYTES, SECTOR_BYTES);
                if (text(sector, 0, ID.length()).equals(ID)) {
                    return Optional.of(decode(sector, number));
                }
            } catch (IOException e) {
                trouble = trouble == null || e instanceof LvmDamagedException ? e : trouble;
            }
        }
        if (trouble != null) {
            throw trouble;
        }
        return Optional.empty();
    }

    private static PhysicalVolumeLabel decode(ByteBuffer sector, int number) throws LvmDamagedException {
        require(text(sector, TYPE_OFFSET, TYPE.length()).equals(TYPE), number, "its type is not " + TYPE);
        require(sector.getLong(NUMBER) == number, number, "it says that it is in sector " + sector.getLong(NUMBER));
        require(
                sector.getInt(CHECKSUM) == LvmChecksum.of(sector, CHECKED_FROM, SECTOR_BYTES),
                number,
                "its checksum is wrong");
        int header = sector.getInt(HEADER_OFFSET);
        require(
                header >= LEAST_HEADER && header <= SECTOR_BYTES - UUID_BYTES - 8,
                number,
                "its header is outside of the sector");
        String uuid = text(sector, header, UUID_BYTES);
        require(LvmNames.isUuid(uuid), number, "its UUID is not one");
        sector.position(header + UUID_BYTES);
        long deviceBytes = sector.getLong();
        areas(sector, number);
        return new PhysicalVolumeLabel(uuid, deviceBytes, areas(sector, number));
    }

    /** One list of areas, from the buffer's position on. */
    private static List<Area> areas(ByteBuffer sector, int number) throws LvmDamagedException {
        List<Area> areas = new ArrayList<>();
        while (sector.remaining() >= 16) {
            Area area = new Area(sector.getLong(), sector.getLong());
            if (area.offsetBytes() == 0) {
                return areas;
            }
            areas.add(area);
        }
        throw new LvmDamagedException(inSector(number) + "a list of areas has no end");
    }

    private static void require(boolean condition, int number, String otherwise) throws LvmDamagedException {
        if (!condition) {
            throw new LvmDamagedException(inSector(number) + otherwise);
        }
    }

    private static String inSector(int number) {
        return "the LVM2 label in sector " + number + " is damaged: ";
    }

    private static String text(ByteBuffer sector, int offset, int length) {
        byte[] bytes = new byte[length];
        sector.get(offset, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}

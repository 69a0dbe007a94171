package io.mdfuse.raid.array.lvm;

import io.mdfuse.raid.array.content.VolumeBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A metadata area of a physical volume: a header, and behind it a ring in which each change of the volume group writes
 * its description anew. The header, 512 bytes, little-endian:
 *
 * <pre>
 *   offset  bytes  content
 *        0      4  checksum of the header from byte 4 on
 *        4     16  " LVM2 x[5A%r0N*&gt;"
 *       20      4  version: 1
 *       24      8  where the area begins on the physical volume, in bytes
 *       32      8  its size in bytes, with the header
 *       40     24  where the text is: offset in the area (8; 0: there is none), length (8), its checksum (4), flags (4)
 * </pre>
 *
 * <p>A text that reaches the end of the area goes on behind the header. Flag 1 says that the text is not to be used:
 * other physical volumes have it.
 */
final class MetadataArea {
    /**
     * The longest text that is read. lvm2's own areas have 1 MiB, of which a text can fill a half; with its option
     * {@code --metadatasize} they may be larger.
     */
    static final int LONGEST_TEXT_BYTES = 16 << 20;

    private static final int HEADER_BYTES = 512;
    private static final String MAGIC = " LVM2 x[5A%r0N*>";
    private static final int MAGIC_OFFSET = 4;
    private static final int VERSION = 20;
    private static final int START = 24;
    private static final int SIZE = 32;
    private static final int TEXT_OFFSET = 40;
    private static final int TEXT_BYTES = 48;
    private static final int TEXT_CHECKSUM = 56;
    private static final int FLAGS = 60;
    private static final int IGNORED = 1;

    private MetadataArea() {}

    /**
     * The text of the volume group; empty if the area has none that is to be used.
     *
     * @throws LvmDamagedException if a checksum, or the place of the text, is wrong
     */
    static Optional<String> text(VolumeBytes volume, PhysicalVolumeLabel.Area area) throws IOException {
        ByteBuffer header = volume.littleEndian(area.offsetBytes(), HEADER_BYTES);
        require(
                header.getInt(0) == LvmChecksum.of(header, 4, HEADER_BYTES),
                area,
                "the checksum of its header is wrong");
        byte[] magic = new byte[MAGIC.length()];
        header.get(MAGIC_OFFSET, magic);
        require(
                new String(magic, StandardCharsets.ISO_8859_1).equals(MAGIC) && header.getInt(VERSION) == 1,
                area,
                "its header is of another kind");
        long sizeBytes = header.getLong(SIZE);
        require(
                header.getLong(START) == area.offsetBytes() && sizeBytes > HEADER_BYTES,
                area,
                "its header belongs to another place");
        long offset = header.getLong(TEXT_OFFSET);
        if (offset == 0 || (header.getInt(FLAGS) & IGNORED) != 0) {
            return Optional.empty();
        }
        long length = header.getLong(TEXT_BYTES);
        require(
                offset >= HEADER_BYTES
                        && offset < sizeBytes
                        && length > 0
                        && length <= Math.min(LONGEST_TEXT_BYTES, sizeBytes - HEADER_BYTES),
                area,
                "its text is outside of it");
        return Optional.of(read(volume, area, header, (int) Math.min(length, sizeBytes - offset)));
    }

    /** @param toEnd how many bytes of the text there are before it goes on behind the header */
    private static String read(VolumeBytes volume, PhysicalVolumeLabel.Area area, ByteBuffer header, int toEnd)
            throws IOException {
        int length = (int) header.getLong(TEXT_BYTES);
        ByteBuffer text = ByteBuffer.allocate(length);
        text.put(volume.littleEndian(area.offsetBytes() + header.getLong(TEXT_OFFSET), toEnd));
        if (toEnd < length) {
            text.put(volume.littleEndian(area.offsetBytes() + HEADER_BYTES, length - toEnd));
        }
        require(
                LvmChecksum.of(text, 0, length) == header.getInt(TEXT_CHECKSUM),
                area,
                "the checksum of its text is wrong");
        String all = new String(text.array(), StandardCharsets.ISO_8859_1);
        int end = all.indexOf('\0');
        return end < 0 ? all : all.substring(0, end);
    }

    private static void require(boolean condition, PhysicalVolumeLabel.Area area, String otherwise)
            throws LvmDamagedException {
        if (!condition) {
            throw new LvmDamagedException(
                    "the LVM2 metadata area at byte " + area.offsetBytes() + " is damaged: " + otherwise);
        }
    }
}

package io.mdfuse.raid.superblock;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The head of a partial parity log (Linux {@code struct ppl_header} in md_p.h): 4096 bytes, little-endian, followed by
 * the partial parity of its entries in order.
 *
 * <pre>
 *  off  size  field
 *    0   512  reserved, all 0xff
 *  512     4  signature: CRC-32C of the array's UUID
 *  520     8  generation: of several heads the highest is valid
 *  528     4  entries
 *  532     4  checksum: CRC-32C of the 4096 bytes with this field as zero
 *  536    ..  entries of 24 bytes: data sector 8, partial parity bytes 4, data bytes 4, parity slot 4, checksum 4
 * </pre>
 */
public record PplHeader(long generation, List<PplEntry> entries) {
    public static final int RESERVED_BYTES = 512;
    public static final int SIGNATURE = 512;
    public static final int GENERATION = 520;
    public static final int ENTRIES_COUNT = 528;
    public static final int CHECKSUM = 532;
    public static final int ENTRIES = 536;

    public static final int BYTES = 4096;
    public static final int SECTORS = 8;
    public static final int MAX_ENTRIES = 148;
    private static final int ENTRY_BYTES = 24;

    public PplHeader {
        entries = List.copyOf(entries);
    }

    /** The head in these bytes; empty if its signature, checksum or number of entries is wrong. */
    static Optional<PplHeader> decode(byte[] page, byte[] setUuid) {
        byte[] copy = page.clone();
        ByteBuffer head = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
        int stored = head.getInt(CHECKSUM);
        int count = head.getInt(ENTRIES_COUNT);
        head.putInt(CHECKSUM, 0);
        boolean whole = head.getInt(SIGNATURE) == crc(setUuid) && stored == crc(copy);
        if (!whole || count < 0 || count > MAX_ENTRIES) {
            return Optional.empty();
        }
        List<PplEntry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int at = ENTRIES + i * ENTRY_BYTES;
            entries.add(new PplEntry(
                    head.getLong(at),
                    Integer.toUnsignedLong(head.getInt(at + 8)),
                    Integer.toUnsignedLong(head.getInt(at + 12)),
                    head.getInt(at + 16),
                    head.getInt(at + 20)));
        }
        return Optional.of(new PplHeader(head.getLong(GENERATION), entries));
    }

    /** Its bytes on disk. */
    byte[] encode(byte[] setUuid) {
        byte[] page = new byte[BYTES];
        Arrays.fill(page, 0, RESERVED_BYTES, (byte) 0xff);
        ByteBuffer head = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(SIGNATURE, crc(setUuid)).putLong(GENERATION, generation).putInt(ENTRIES_COUNT, entries.size());
        for (int i = 0; i < entries.size(); i++) {
            PplEntry entry = entries.get(i);
            int at = ENTRIES + i * ENTRY_BYTES;
            head.putLong(at, entry.dataSector()).putInt(at + 8, (int) entry.partialBytes());
            head.putInt(at + 12, (int) entry.dataBytes()).putInt(at + 16, entry.paritySlot());
            head.putInt(at + 20, entry.checksum());
        }
        head.putInt(CHECKSUM, crc(page));
        return page;
    }

    /** How many bytes of partial parity follow the head. */
    long partialBytes() {
        return entries.stream().mapToLong(PplEntry::partialBytes).sum();
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}

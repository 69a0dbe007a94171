package io.mdfuse.journal;

import io.mdfuse.device.Sectors;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The format of the log, as the kernel's public header {@code linux/raid/md_p.h} defines it. All integers are
 * little-endian. A block is 4096 bytes; the log is a chain of meta blocks, each followed by the pages it describes.
 *
 * <pre>
 *  byte     0         4         8        9      10     12          16         24         32
 *  header   | magic   | checksum| version| zero | zero | meta_size | sequence | position | payloads ...
 *           | 4       | 4       | 1      | 1    | 2    | 4         | 8        | 8        |
 *
 *  byte     0         2         4         8            16
 *  DATA     | type 0  | flags   | size 8  | arraySector | checksum                      20 bytes, 1 page
 *  PARITY   | type 1  | flags   | size 8  | stripeSector| checksum of P                 20 bytes, 1 page
 *  PARITY   | type 1  | flags   | size 16 | stripeSector| checksum of P, checksum of Q  24 bytes, 2 pages
 *  FLUSH    | type 2  | flags   | bytes   | stripeSector, stripeSector ...              8 + bytes, no page
 * </pre>
 *
 * <p>{@code meta_size} counts the bytes in use, header included; {@code position} is the block's own sector from the
 * start of the log; {@code size} is in sectors for DATA and PARITY, in bytes for FLUSH. Flags are written as zero.
 *
 * <p>A meta block is valid if
 *
 * <ol>
 *   <li>magic and version are correct, and {@code position} is the sector from which the block was read,
 *   <li>{@code sequence} is that of the block before plus one (the block at the tail may have any),
 *   <li>the checksum over the whole block is correct ({@link LogChecksum}), and
 *   <li>{@code meta_size} is at most 4096.
 * </ol>
 *
 * A valid block is <em>malformed</em> if its payloads can't be parsed (an unknown type or flag, a size other than those
 * above, a sector that is no multiple of 8, a payload that ends behind {@code meta_size}). Its checksum is correct, so
 * it is not damage: the block was written by software that this version does not understand.
 *
 * <p>The pages follow their meta block in payload order, P before Q, each in the ring's next block.
 */
public final class MetaBlockLayout {
    /** LE32: {@link #MAGIC_VALUE}. */
    static final int MAGIC = 0;

    static final int MAGIC_VALUE = 0x6433c509;

    /** LE32: see {@link LogChecksum#metaBlock}. */
    static final int CHECKSUM = 4;

    /** One byte: {@link #VERSION_VALUE}. */
    static final int VERSION = 8;

    static final byte VERSION_VALUE = 1;

    /** LE32: bytes in use, header included. */
    static final int META_SIZE = 12;

    /** LE64, unsigned. */
    static final int SEQUENCE = 16;

    /** LE64: this block's sector from the start of the log. */
    static final int POSITION = 24;

    static final int HEADER_BYTES = 32;

    /** LE16: one of the types. This offset and those below count from the start of the payload. */
    static final int PAYLOAD_TYPE = 0;

    static final short TYPE_DATA = 0;
    static final short TYPE_PARITY = 1;
    static final short TYPE_FLUSH = 2;

    /** LE16: zero. */
    static final int PAYLOAD_FLAGS = 2;

    /** LE32: sectors of DATA and PARITY, bytes of FLUSH. */
    static final int PAYLOAD_SIZE = 4;

    /** LE64: the array sector of DATA, the stripe sector of PARITY, the first stripe sector of FLUSH. */
    static final int PAYLOAD_LOCATION = 8;

    /** LE32, one for each page. */
    static final int PAYLOAD_CHECKSUMS = 16;

    /** Length of a DATA payload, and of a PARITY payload with P alone. */
    static final int ONE_PAGE_BYTES = PAYLOAD_CHECKSUMS + Integer.BYTES;

    /** Length of a PARITY payload with P and Q. */
    static final int TWO_PAGES_BYTES = PAYLOAD_CHECKSUMS + 2 * Integer.BYTES;

    /** Length of a FLUSH payload before its list of stripe sectors. */
    static final int FLUSH_HEADER_BYTES = PAYLOAD_LOCATION;

    /** Length of a FLUSH payload with one stripe. */
    static final int FLUSH_ONE_BYTES = FLUSH_HEADER_BYTES + Long.BYTES;

    /** The most bytes of payloads in one meta block. */
    static final int MAX_PAYLOAD_BYTES = Sectors.BLOCK_BYTES - HEADER_BYTES;

    static final ValueLayout.OfShort LE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private MetaBlockLayout() {}
}

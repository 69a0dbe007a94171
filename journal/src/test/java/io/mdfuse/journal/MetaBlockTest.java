package io.mdfuse.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The codec, compared with bytes written by hand from the kernel's header, and tested with malformed bytes. */
class MetaBlockTest {
    private static final long SECTOR = 0x1230;
    private static final long SEQUENCE = 0x8000_0000_0000_0102L;

    private final byte[] bytes = new byte[4096];
    private final MemorySegment block = MemorySegment.ofArray(bytes);
    private final MetaBlockWriter writer = new MetaBlockWriter(block);

    @Test
    void everyFieldHasTheOffsetOfTheKernelsHeader() {
        writer.begin(0, new LogPosition(SECTOR, SEQUENCE));
        writer.putData(0x0102030405060708L, 0x11121314);
        writer.putParity(0x2122232425262728L, 0x31323334);
        writer.putParity(0x4142434445464748L, 0x51525354, 0x61626364);
        writer.putFlush(0x7172737475767778L);

        String header =
                "09c53364" + "00000000" + "01" + "00" + "0000" + "70000000" + "0201000000000080" + "3012000000000000";
        String data = "0000" + "0000" + "08000000" + "0807060504030201" + "14131211";
        String parity = "0100" + "0000" + "08000000" + "2827262524232221" + "34333231";
        String parityOfTwo = "0100" + "0000" + "10000000" + "4847464544434241" + "54535251" + "64636261";
        String flush = "0200" + "0000" + "08000000" + "7877767574737271";
        byte[] expected = new byte[4096];
        byte[] used = HexFormat.of().parseHex(header + data + parity + parityOfTwo + flush);
        System.arraycopy(used, 0, expected, 0, used.length);
        assertEquals(0x70, used.length);
        assertArrayEquals(expected, bytes);
    }

    @Test
    void aWrittenBlockIsParsedToTheSamePayloads() {
        writer.begin(0, new LogPosition(SECTOR, SEQUENCE));
        writer.putData(800, 1);
        writer.putParity(16, 2);
        writer.putParity(24, 3, 4);
        writer.putFlush(32);
        writer.seal(0, TestLog.CHECKSUM);

        assertTrue(MetaBlockReader.isValid(block, SECTOR, TestLog.CHECKSUM));
        MetaBlock parsed = MetaBlockReader.parse(block);
        assertNotNull(parsed);
        assertEquals(new LogPosition(SECTOR, SEQUENCE), parsed.position());
        assertEquals(List.of(1, 2, 3, 4), parsed.pageChecksums());
        assertEquals(
                List.of(
                        new Payload.Data(800),
                        new Payload.Parity(16, false),
                        new Payload.Parity(24, true),
                        new Payload.Flush(List.of(32L))),
                parsed.payloads());
    }

    @Test
    void aBlockIsFullIfTheNextPayloadDoesNotFit() {
        writer.begin(0, new LogPosition(0, 1));
        int count = 0;
        while (writer.fits(MetaBlockLayout.ONE_PAGE_BYTES)) {
            writer.putData(8L * count++, count);
        }

        assertEquals(203, count);
        assertEquals(32 + 203 * 20, block.get(MetaBlockLayout.LE32, MetaBlockLayout.META_SIZE));
        assertTrue(writer.fits(4));
        assertFalse(writer.fits(5));
    }

    @Test
    void aChangeOfAnySingleBitIsDetected() {
        writer.begin(0, new LogPosition(SECTOR, SEQUENCE));
        writer.putData(800, 1);
        writer.seal(0, TestLog.CHECKSUM);
        for (int at = 0; at < bytes.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                bytes[at] ^= (byte) (1 << bit);
                assertFalse(MetaBlockReader.isValid(block, SECTOR, TestLog.CHECKSUM), "byte " + at + " bit " + bit);
                bytes[at] ^= (byte) (1 << bit);
            }
        }
        assertTrue(MetaBlockReader.isValid(block, SECTOR, TestLog.CHECKSUM));
    }

    @Test
    void aBlockIsValidOnlyAtItsOwnPosition() {
        writer.begin(0, new LogPosition(SECTOR, SEQUENCE));
        writer.seal(0, TestLog.CHECKSUM);

        assertFalse(MetaBlockReader.isValid(block, SECTOR + 8, TestLog.CHECKSUM));
    }

    @ParameterizedTest
    @CsvSource({"4097", "-1", "2147483647"})
    void meta_sizeBeyondTheBlockIsNotValid(int metaSize) {
        writer.begin(0, new LogPosition(SECTOR, SEQUENCE));
        block.set(MetaBlockLayout.LE32, MetaBlockLayout.META_SIZE, metaSize);
        writer.seal(0, TestLog.CHECKSUM);

        assertFalse(MetaBlockReader.isValid(block, SECTOR, TestLog.CHECKSUM));
    }

    /** Malformed payloads at byte 32 of a block whose checksum is correct. */
    @ParameterizedTest
    @CsvSource({
        "unknown type,              0300 0000 08000000 0800000000000000 00000000,          20",
        "flag,                      0000 0100 08000000 0800000000000000 00000000,          20",
        "data of two pages,         0000 0000 10000000 0800000000000000 0000000000000000,  24",
        "data of no page,           0000 0000 00000000 0800000000000000,                   16",
        "parity of three pages,     0100 0000 18000000 0800000000000000 0000000000000000,  28",
        "parity of minus one page,  0100 0000 f8ffffff 0800000000000000 0000000000000000,  24",
        "array sector off a block,  0000 0000 08000000 0900000000000000 00000000,          20",
        "negative array sector,     0000 0000 08000000 08000000000000f0 00000000,          20",
        "stripe sector off a block, 0100 0000 08000000 0400000000000000 00000000,          20",
        "cut header,                0000 0000 0800,                                        6",
        "cut location,              0000 0000 08000000 08000000,                           12",
        "cut checksum,              0000 0000 08000000 0800000000000000 0000,              18",
        "cut second checksum,       0100 0000 10000000 0800000000000000 00000000,          20",
        "flush of nothing,          0200 0000 00000000,                                    8",
        "flush of half a sector,    0200 0000 04000000 08000000,                           12",
        "flush list beyond,         0200 0000 10000000 0800000000000000,                   16",
        "huge flush list,           0200 0000 f8ffff7f 0800000000000000,                   16",
        "flush off a block,         0200 0000 08000000 0100000000000000,                   16",
        "rest behind a payload,     0200 0000 08000000 0800000000000000 00000000,          20",
    })
    void payloadsThatCannotBeParsedAreMalformed(String what, String hex, int usedBytes) {
        writer.begin(0, new LogPosition(SECTOR, SEQUENCE));
        byte[] payload = HexFormat.of().parseHex(hex.replace(" ", ""));
        System.arraycopy(payload, 0, bytes, 32, payload.length);
        block.set(MetaBlockLayout.LE32, MetaBlockLayout.META_SIZE, 32 + usedBytes);
        writer.seal(0, TestLog.CHECKSUM);

        assertTrue(MetaBlockReader.isValid(block, SECTOR, TestLog.CHECKSUM), what);
        assertNull(MetaBlockReader.parse(block), what);
    }

    @Test
    void meta_sizeBelowTheHeaderIsMalformed() {
        writer.begin(0, new LogPosition(SECTOR, SEQUENCE));
        block.set(MetaBlockLayout.LE32, MetaBlockLayout.META_SIZE, 31);
        writer.seal(0, TestLog.CHECKSUM);

        assertNull(MetaBlockReader.parse(block));
    }
}

package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

final class SizeConverterTest {
    @Test
    void sizesInEveryForm() {
        assertEquals(0, SizeConverter.parse("0"));
        assertEquals(512, SizeConverter.parse("512"));
        assertEquals(65536, SizeConverter.parse("64K"));
        assertEquals(65536, SizeConverter.parse("64k"));
        assertEquals(65536, SizeConverter.parse(" 64KiB "));
        assertEquals(64 << 20, SizeConverter.parse("64MB"));
        assertEquals(1L << 30, SizeConverter.parse("1G"));
        assertEquals(3L << 40, SizeConverter.parse("3T"));
        assertEquals(7L << 60, SizeConverter.parse("7168P"));
        assertEquals(7L << 60, SizeConverter.parse("7E"));
    }

    @Test
    void aTextThatIsNoSizeIsRefused() {
        for (String text : new String[] {"", "K", "-1", "1.5G", "64 K", "64X", "8192P", "9999999999999999999"}) {
            assertThrows(TypeConversionException.class, () -> SizeConverter.parse(text), text);
        }
    }

    @Test
    void aNumberThatIsTooLargeIsSaidToBeSo() {
        for (String text : new String[] {"8E", "8192P", "9999999999999999999", "9".repeat(40) + "T"}) {
            String why = String.valueOf(assertThrows(TypeConversionException.class, () -> SizeConverter.parse(text))
                    .getMessage());
            assertEquals("'" + text + "' is too large: a size is less than 8E", why);
        }
    }

    @Test
    void sizesAreShownInTheLargestUnitThatDividesThem() {
        assertEquals("0", SizeConverter.format(0));
        assertEquals("512", SizeConverter.format(512));
        assertEquals("64K", SizeConverter.format(65536));
        assertEquals("1536M", SizeConverter.format(3L << 29));
        assertEquals("1P", SizeConverter.format(1L << 50));
    }
}

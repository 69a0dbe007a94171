package io.mdfuse.raid.parity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** All 256 elements, all products. */
class GaloisFieldTest {
    @Test
    void powersAreThoseOfMd() {
        int[] first = {1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x1d, 0x3a, 0x74, 0xe8, 0xcd, 0x87, 0x13, 0x26};
        assertArrayEquals(first, IntStream.range(0, 16).map(GaloisField::power).toArray());
        assertEquals(0x8e, GaloisField.power(254));
        assertEquals(0x8e, GaloisField.inverse(2));
        assertEquals(1, GaloisField.power(255));
        assertEquals(0x8e, GaloisField.power(-1));
    }

    @Test
    void everyProductAgreesWithSchoolbook() {
        for (int a = 0; a < 256; a++) {
            for (int b = 0; b < 256; b++) {
                assertEquals(SlowField.product(a, b), GaloisField.product(a, b), a + " * " + b);
            }
        }
    }

    @Test
    void everyElementButZeroHasAnInverseAndALogarithm() {
        for (int a = 1; a < 256; a++) {
            assertEquals(1, GaloisField.product(a, GaloisField.inverse(a)));
            assertEquals(a, GaloisField.power(GaloisField.logarithm(a)));
        }
        assertThrows(IllegalArgumentException.class, () -> GaloisField.logarithm(0));
    }
}

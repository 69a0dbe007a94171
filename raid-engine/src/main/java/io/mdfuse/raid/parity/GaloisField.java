package io.mdfuse.raid.parity;

/**
 * GF(2^8) as in md's RAID-6 (Linux lib/raid6): a byte is a polynomial over {0, 1}, products are taken modulo x^8 + x^4
 * + x^3 + x^2 + 1 (0x11d), and the powers of 2 are all 255 elements other than zero. Addition is XOR.
 */
final class GaloisField {
    /** The modulus without its x^8: added after a doubling that carried out of the byte. */
    static final int REDUCTION = 0x1d;

    /** The number of elements other than zero: 2 to this power is 1 again. */
    static final int ORDER = 255;

    private static final int[] POWERS = new int[ORDER];
    private static final int[] LOGARITHMS = new int[ORDER + 1];

    static {
        int element = 1;
        for (int exponent = 0; exponent < ORDER; exponent++) {
            POWERS[exponent] = element;
            LOGARITHMS[element] = exponent;
            element = element << 1;
            element = element > ORDER ? (element & ORDER) ^ REDUCTION : element;
        }
    }

    private GaloisField() {}

    /** 2 to the power of {@code exponent}, which may be negative. */
    static int power(int exponent) {
        return POWERS[Math.floorMod(exponent, ORDER)];
    }

    /** The exponent, from 0 to 254, of an element other than zero. */
    static int logarithm(int element) {
        if (element == 0) {
            throw new IllegalArgumentException("zero is no power of two");
        }
        return LOGARITHMS[element];
    }

    static int product(int a, int b) {
        return a == 0 || b == 0 ? 0 : power(LOGARITHMS[a] + LOGARITHMS[b]);
    }

    /** The element whose product with {@code element}, which is not zero, is 1. */
    static int inverse(int element) {
        return power(-logarithm(element));
    }
}

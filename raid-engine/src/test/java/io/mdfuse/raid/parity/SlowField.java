package io.mdfuse.raid.parity;

/** GF(2^8) by the schoolbook method: shift and reduce, one bit at a time. The fast code is compared with it. */
final class SlowField {
    private SlowField() {}

    static int product(int a, int b) {
        int product = 0;
        int shifted = a;
        for (int bit = 0; bit < 8; bit++) {
            product ^= (b >> bit & 1) == 0 ? 0 : shifted;
            shifted <<= 1;
            shifted ^= (shifted & 0x100) == 0 ? 0 : 0x11d;
        }
        return product;
    }

    static int powerOfTwo(int exponent) {
        int power = 1;
        for (int i = 0; i < exponent; i++) {
            power = product(power, 2);
        }
        return power;
    }
}

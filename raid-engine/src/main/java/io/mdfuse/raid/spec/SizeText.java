package io.mdfuse.raid.spec;

import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes as people write them, in bytes: {@code 512}, {@code 64K}, {@code 64KiB}, {@code 1G}. The units are powers of
 * 1024; a number alone is bytes, everywhere.
 */
public final class SizeText {
    private static final Pattern SIZE = Pattern.compile("([0-9]+)([KMGTPE]?)(?:I?B)?");
    private static final String UNITS = "KMGTPE";

    private SizeText() {}

    /**
     * The size in bytes.
     *
     * @throws IllegalArgumentException if the text is no size, or too large for a long
     */
    public static long parse(String text) {
        Matcher matcher = SIZE.matcher(text.strip().toUpperCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a size; write for example 512, 64K, 10M or 1G");
        }
        BigInteger number = new BigInteger(matcher.group(1));
        String unit = matcher.group(2);
        int shift = unit.isEmpty() ? 0 : 10 * (UNITS.indexOf(unit) + 1);
        if (number.bitLength() + shift >= Long.SIZE) {
            throw new IllegalArgumentException("'" + text + "' is too large: a size is less than 8E");
        }
        return number.longValueExact() << shift;
    }

    /** The same in the largest unit that divides it: {@code 65536} becomes {@code 64K}. */
    public static String format(long bytes) {
        int unit = 0;
        long number = bytes;
        while (number != 0 && number % 1024 == 0 && unit < UNITS.length()) {
            number /= 1024;
            unit++;
        }
        return unit == 0 ? Long.toString(number) : number + UNITS.substring(unit - 1, unit);
    }
}

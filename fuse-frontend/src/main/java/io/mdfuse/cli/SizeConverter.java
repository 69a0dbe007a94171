package io.mdfuse.cli;

import io.mdfuse.raid.spec.SizeText;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes as people write them, for the command line: {@link SizeText}. */
public final class SizeConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
        return parse(text);
    }

    /**
     * The size in bytes.
     *
     * @throws TypeConversionException if the text is no size, or too large for a long
     */
    static long parse(String text) {
        try {
            return SizeText.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    /** The same in the largest unit that divides it: {@code 65536} becomes {@code 64K}. */
    public static String format(long bytes) {
        return SizeText.format(bytes);
    }
}

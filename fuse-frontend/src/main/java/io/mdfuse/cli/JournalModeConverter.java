package io.mdfuse.cli;

import io.mdfuse.raid.superblock.JournalMode;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** md's words for the modes of a journal; capitals and an underscore are taken too. */
final class JournalModeConverter implements ITypeConverter<JournalMode> {
    @Override
    public JournalMode convert(String word) {
        return JournalMode.named(word.toLowerCase(Locale.ROOT).replace('_', '-'))
                .orElseThrow(() -> new TypeConversionException("is write-through or write-back, not " + word));
    }
}

package io.mdfuse.cli;

import io.mdfuse.raid.geometry.StripeOrder;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** mdadm's words for the layouts of a RAID-0 whose members differ in size. */
final class StripeOrderConverter implements ITypeConverter<StripeOrder> {
    static final String HELP =
            "Of a RAID-0 whose members differ in size: original if a kernel before 3.14 wrote it, alternate"
                    + " if a later one did. For superblocks that do not say it.";

    @Override
    public StripeOrder convert(String word) {
        return StripeOrder.named(word)
                .orElseThrow(() -> new TypeConversionException(word + " is neither original nor alternate"));
    }
}

package io.mdfuse.cli;

import java.util.Locale;

/** A size in both kinds of units, as mdadm prints it after a number of sectors or KiB. */
final class HumanSize {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final long TIB = 1L << 40;

    private HumanSize() {}

    /** Such as {@code " (15.00 MiB 15.73 MB)"}; empty for a size that is small enough to read without a unit. */
    static String of(long bytes) {
        if (bytes < 5000 * KIB) {
            return "";
        }
        if (bytes < 2 * GIB) {
            return both(bytes, MIB, 1_000_000L, "M");
        }
        return bytes < 2 * TIB ? both(bytes, GIB, 1_000_000_000L, "G") : both(bytes, TIB, 1_000_000_000_000L, "T");
    }

    /** In one unit: {@code 15.00 MiB}. */
    static String brief(long bytes) {
        if (bytes < MIB) {
            return hundredths(bytes, KIB) + " KiB";
        }
        if (bytes < GIB) {
            return hundredths(bytes, MIB) + " MiB";
        }
        return bytes < TIB ? hundredths(bytes, GIB) + " GiB" : hundredths(bytes, TIB) + " TiB";
    }

    /** In decimal units and without a blank, such as {@code 59.77MB}; empty for a size below 5000 KiB, as in mdadm. */
    static String decimal(long bytes) {
        if (bytes < 5000 * KIB) {
            return "";
        }
        if (bytes < 2 * GIB) {
            return hundredths(bytes, 1_000_000L) + "MB";
        }
        return bytes < 2 * TIB
                ? hundredths(bytes, 1_000_000_000L) + "GB"
                : hundredths(bytes, 1_000_000_000_000L) + "TB";
    }

    private static String both(long bytes, long binary, long decimal, String prefix) {
        return String.format(
                Locale.ROOT,
                " (%s %siB %s %sB)",
                hundredths(bytes, binary),
                prefix,
                hundredths(bytes, decimal),
                prefix);
    }

    private static String hundredths(long bytes, long unit) {
        long rounded = Math.round(bytes * 100.0 / unit);
        return String.format(Locale.ROOT, "%d.%02d", rounded / 100, rounded % 100);
    }
}

package io.mdfuse.cli;

import java.util.Locale;

/** Numbers in few characters, for the pages of {@code watch}. */
final class WatchUnits {
    private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private WatchUnits() {}

    /** A size, such as {@code 12.3 MiB}; at most 9 characters. */
    static String bytes(double bytes) {
        int unit = 0;
        double value = bytes;
        while (value >= 999.5 && unit < BINARY.length - 1) {
            value /= 1024;
            unit++;
        }
        return threeDigits(value, unit == 0) + " " + BINARY[unit];
    }

    /** A rate, such as {@code 12.3 MiB/s}; {@code -} for nothing. */
    static String byteRate(double bytesPerSecond) {
        return bytesPerSecond < 0.5 ? "-" : bytes(bytesPerSecond) + "/s";
    }

    /** How often in a second, such as {@code 12,345}; {@code -} for never. */
    static String rate(double perSecond) {
        if (perSecond <= 0) {
            return "-";
        }
        return perSecond < 10
                ? String.format(Locale.ROOT, "%.1f", perSecond)
                : String.format(Locale.ROOT, "%,d", Math.round(perSecond));
    }

    /** A latency, such as {@code 123 µs} or {@code 1.23 ms}; {@code -} for 0. */
    static String micros(long micros) {
        if (micros <= 0) {
            return "-";
        }
        if (micros < 1000) {
            return micros + " µs";
        }
        return micros < 1_000_000
                ? threeDigits(micros / 1000.0, false) + " ms"
                : threeDigits(micros / 1_000_000.0, false) + " s";
    }

    /** A time, such as {@code 0:12:34}. */
    static String time(double seconds) {
        long whole = (long) seconds;
        return String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }

    private static String threeDigits(double value, boolean whole) {
        if (whole || value >= 99.95) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        return String.format(Locale.ROOT, value < 9.995 ? "%.2f" : "%.1f", value);
    }
}

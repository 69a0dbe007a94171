package io.mdfuse.raid.statistics;

import java.util.Locale;

/** The kinds of requests that a volume serves. */
public enum OperationKind {
    READ,
    WRITE,
    /** fsync and fdatasync. */
    FLUSH,
    /** Punch hole and zero range: a range that reads as zeros afterwards. */
    TRIM;

    /** The kind in lower case, as it is called in JSON and in Prometheus' labels. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}

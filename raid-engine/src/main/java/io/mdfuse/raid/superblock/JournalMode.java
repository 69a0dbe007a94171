package io.mdfuse.raid.superblock;

import java.util.Arrays;
import java.util.Optional;

/**
 * How the journal is used, with the names of md's sysfs attribute {@code journal_mode}. It is not stored on disk: each
 * mount starts in write-through mode by default.
 */
public enum JournalMode {
    /** A write is acknowledged when its data and parity are in the log and on the members. */
    WRITE_THROUGH("write-through"),
    /**
     * A write is acknowledged when its data is in the log; parity is computed and the members are written later, many
     * stripes at a time.
     */
    WRITE_BACK("write-back");

    private final String mdName;

    JournalMode(String mdName) {
        this.mdName = mdName;
    }

    /** md's name for it. */
    public String mdName() {
        return mdName;
    }

    /** md's name for it, so that a command line accepts and shows it. */
    @Override
    public String toString() {
        return mdName;
    }

    /** The mode with this name in md. */
    public static Optional<JournalMode> named(String mdName) {
        return Arrays.stream(values())
                .filter(mode -> mode.mdName.equals(mdName))
                .findFirst();
    }
}

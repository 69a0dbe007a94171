package io.mdfuse.raid.writepath;

import java.util.Arrays;
import java.util.Optional;

/** What the journal is used for, in md's words. It is not kept on disk: each start is write-through unless asked. */
public enum JournalMode {
    /** A write is answered when data and parity are in the log and on the members. */
    WRITE_THROUGH("write-through"),
    /** A write is answered when its data is in the log; parity and members follow later, in bulk. */
    WRITE_BACK("write-back");

    private final String mdName;

    JournalMode(String mdName) {
        this.mdName = mdName;
    }

    /** md's word for it. */
    public String mdName() {
        return mdName;
    }

    /** md's word, so that a command line takes and shows it. */
    @Override
    public String toString() {
        return mdName;
    }

    /** The mode that md calls so. */
    public static Optional<JournalMode> named(String mdName) {
        return Arrays.stream(values())
                .filter(mode -> mode.mdName.equals(mdName))
                .findFirst();
    }
}

package io.mdfuse.raid.array;

/**
 * The journal mode that a user asks for when an array is opened, in md's words. The mode in force is the attribute
 * {@code journal_mode}, which a failed member or journal may change; md does not keep either on disk.
 */
public enum RequestedJournalMode {
    /** A write is answered when data and parity are in the log and on the members. */
    WRITE_THROUGH("write-through"),
    /** A write is answered when its data is in the log; parity and members follow later. */
    WRITE_BACK("write-back");

    private final String mdName;

    RequestedJournalMode(String mdName) {
        this.mdName = mdName;
    }

    /** md's word for the mode, which the attribute {@code journal_mode} takes. */
    public String mdName() {
        return mdName;
    }

    /** md's word, so that a command line takes and shows it. */
    @Override
    public String toString() {
        return mdName;
    }
}

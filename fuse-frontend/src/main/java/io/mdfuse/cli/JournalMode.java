package io.mdfuse.cli;

/** How writes use the journal, by md's names. */
enum JournalMode {
    /** Data and parity reach the members before a write is answered. */
    WRITE_THROUGH;

    @Override
    public String toString() {
        return "write-through";
    }
}

package io.mdfuse.journal;

import java.io.IOException;

/**
 * Stores the journal's tail. In md's format the tail is a field of the journal device's superblock (journal_tail), so
 * the superblock code implements this interface. It is the only interface through which the journal calls the code
 * above it.
 */
@FunctionalInterface
public interface TailStore {
    /**
     * Makes the tail durable: from now on recovery starts at {@code tailSector}. Space before the tail may be reused
     * only after this has returned. Called without the lock that an append needs.
     *
     * @param tailSector the position of a valid meta block, in sectors from the start of the log
     * @throws IOException if the new tail can't be made durable; the old tail is then still in force
     */
    void storeTail(long tailSector) throws IOException;
}

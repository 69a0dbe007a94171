package io.mdfuse.raid.writepath;

import java.io.IOException;

/** Stores the failure of the journal in the members' superblocks. */
@FunctionalInterface
public interface JournalFailureRecord {
    /**
     * Stores durably that the journal has failed, so that no later mount replays it. Called when all data that the
     * journal had is on the members, flushed.
     *
     * @throws IOException if it could not be stored; a later mount would still replay the journal
     */
    void record() throws IOException;
}

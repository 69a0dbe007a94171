package io.mdfuse.raid.writepath;

import java.io.IOException;

/** Where the failure of the journal is written down: the members' superblocks. */
@FunctionalInterface
public interface JournalLoss {
    /**
     * Says, durably, that the journal has failed and that no mount may trust what it holds any more. Everything that it
     * held is on the members, flushed.
     *
     * @throws IOException where it could not be said; the journal is still trusted then
     */
    void record() throws IOException;
}

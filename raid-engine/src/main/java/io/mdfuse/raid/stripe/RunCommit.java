package io.mdfuse.raid.stripe;

import java.io.IOException;
import java.util.List;

/** What happens to a request's runs once their parity is made; the write paths implement it. */
@FunctionalInterface
public interface RunCommit {
    /**
     * Makes the runs of one request safe and puts them on the members. The stripes are held by the caller, and the
     * runs' memory is the caller's again when this returns.
     */
    void commit(List<RunWrite> runs) throws IOException;
}

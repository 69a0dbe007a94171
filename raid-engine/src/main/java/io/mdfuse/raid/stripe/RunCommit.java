package io.mdfuse.raid.stripe;

import java.io.IOException;
import java.util.List;

/** What happens to a request's runs; the write paths implement it. */
public interface RunCommit {
    /** Makes the new parity of a run of the request, in memory that lasts as long as the request. */
    @FunctionalInterface
    interface ParityWork {
        /** Gives the run its parity; called at most once for each run. */
        void make(RunWrite run) throws IOException;
    }

    /** The right to go on with a request, given back when its stripes have been released. */
    @FunctionalInterface
    interface Admission extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Waits until there is room for a request. The caller holds no stripes: what makes room may need any of them.
     *
     * @param runs what it will write; {@link #commit} gets the same
     */
    Admission admit(List<RunWrite> runs) throws IOException;

    /**
     * Makes the runs of one request durable, or logs them. The caller may use the runs' memory again when this returns.
     *
     * @param lease covers the stripes of all runs
     */
    void commit(StripeLocks.Lease lease, List<RunWrite> runs, ParityWork parityWork) throws IOException;
}

package io.mdfuse.raid.stripe;

import java.io.IOException;
import java.util.List;

/** Admits and commits the runs of a request; implemented by the write paths. */
public interface RunCommit {
    /** Makes the new parity of the runs of a request, in buffers that live as long as the request. */
    @FunctionalInterface
    interface ParityWork {
        /** Gives the run its parity; called at most once for each run. */
        void make(RunWrite run) throws IOException;
    }

    /** The admission of a request: its reserved space, released after its stripes have been released. */
    @FunctionalInterface
    interface Admission extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Waits until the request is admitted. The caller must not have a lease: freeing space may need any stripe.
     *
     * @param runs the request's runs; {@link #commit} gets the same ones
     * @throws IOException if the request is refused
     */
    Admission admit(List<RunWrite> runs) throws IOException;

    /**
     * Makes the runs of one request durable, or logs them. The caller may use the runs' memory again when this returns.
     *
     * @param lease covers the stripes of all runs
     */
    void commit(StripeLocks.Lease lease, List<RunWrite> runs, ParityWork parityWork) throws IOException;
}

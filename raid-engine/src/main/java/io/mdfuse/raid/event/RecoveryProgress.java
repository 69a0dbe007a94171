package io.mdfuse.raid.event;

/**
 * Learns how far the recovery from a journal has come: first the log is read, then the stripes are replayed. Called for
 * each block and each stripe by the thread that recovers, so it has to choose itself what to show.
 */
public interface RecoveryProgress {
    /** Shows nothing. */
    RecoveryProgress NONE = new RecoveryProgress() {
        @Override
        public void logRead(long bytes) {}

        @Override
        public void replayed(long stripes, long allStripes) {}
    };

    /**
     * A block of the log has been read.
     *
     * @param bytes how much of the log has been read; where the log ends is found by reading
     */
    void logRead(long bytes);

    /**
     * The recovery turns to the next stripe.
     *
     * @param stripes how many stripes have been replayed
     * @param allStripes how many there are
     */
    void replayed(long stripes, long allStripes);
}

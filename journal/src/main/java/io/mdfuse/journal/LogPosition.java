package io.mdfuse.journal;

/**
 * A meta block of the log.
 *
 * @param sector where it lies, in sectors from the start of the log; a multiple of 8
 * @param sequence its sequence number, unsigned
 */
public record LogPosition(long sector, long sequence) {
    /**
     * How far the sequence jumps when a log is restarted, so that remains of the old one never look like the new one's
     * continuation; md's number.
     */
    public static final long RESTART_SEQUENCE_GAP = 10_000;

    /**
     * Where a log goes on that ends here and of which nothing is needed any more: see {@link Journal#startAt}. The
     * sequence jumps, so that remains of the old log never look like the new one's continuation.
     */
    public LogPosition restartPosition() {
        return new LogPosition(sector, sequence + RESTART_SEQUENCE_GAP);
    }
}

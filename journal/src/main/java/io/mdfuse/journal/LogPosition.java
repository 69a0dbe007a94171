package io.mdfuse.journal;

/**
 * The position and the sequence number of a meta block of the log.
 *
 * @param sector the block's position in sectors from the start of the log; a multiple of 8
 * @param sequence its sequence number, unsigned; it may wrap, so two are compared by their difference only
 */
public record LogPosition(long sector, long sequence) {
    /**
     * By how much the sequence grows when a log is restarted, so that blocks of the old log are never taken for the
     * continuation of the new one. The kernel's md driver uses the same number.
     */
    public static final long RESTART_SEQUENCE_GAP = 10_000;

    /**
     * Returns the position at which to restart a log that ends here and whose content is not needed any more, for
     * {@link Journal#startAt}: the same sector, the sequence increased by {@link #RESTART_SEQUENCE_GAP}.
     */
    public LogPosition restartPosition() {
        return new LogPosition(sector, sequence + RESTART_SEQUENCE_GAP);
    }
}

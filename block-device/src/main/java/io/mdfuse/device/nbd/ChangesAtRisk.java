package io.mdfuse.device.nbd;

/**
 * Whether a server that ends now may take changes with it: writes that are under way, and writes that were
 * acknowledged but not flushed. Used by one thread.
 *
 * <p>A flush covers the changes that were acknowledged before the flush was sent. A write that was sent with "force
 * unit access" is durable once it is acknowledged.
 */
final class ChangesAtRisk {
    private int underWay;
    private long acknowledged;
    private long durable;

    void sent() {
        underWay++;
    }

    /** A change was answered, be it with an error: a part of it may have been made. */
    void answered(boolean madeDurable) {
        underWay--;
        acknowledged += madeDurable ? 0 : 1;
    }

    /** To be given to {@link #flushed} if a flush that is sent now succeeds. */
    long mark() {
        return acknowledged;
    }

    void flushed(long mark) {
        durable = Math.max(durable, mark);
    }

    boolean any() {
        return underWay > 0 || durable < acknowledged;
    }
}

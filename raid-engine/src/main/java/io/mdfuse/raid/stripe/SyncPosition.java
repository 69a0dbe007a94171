package io.mdfuse.raid.stripe;

/**
 * How far parity is known to be right: md's recovery_cp. Stripes below it may be updated by a difference and
 * solved for a lost block; from it on parity may be anything until the resync has passed.
 */
public final class SyncPosition {
    /** Parity is right everywhere. */
    public static final long IN_SYNC = -1;

    private volatile long stripeSector;

    /**
     * Starts somewhere.
     *
     * @param stripeSector the first stripe whose parity is not known to be right, or {@link #IN_SYNC}
     */
    public SyncPosition(long stripeSector) {
        this.stripeSector = stripeSector;
    }

    /** True where all stripes below {@code endStripeSector} have right parity. */
    public boolean trustsParityUpTo(long endStripeSector) {
        long position = stripeSector;
        return position == IN_SYNC || endStripeSector <= position;
    }

    /** The first stripe whose parity is not known to be right, or {@link #IN_SYNC}; as the superblock stores it. */
    public long stripeSector() {
        return stripeSector;
    }

    /** True where parity is right everywhere. */
    public boolean inSync() {
        return stripeSector == IN_SYNC;
    }

    /** Only the resync moves it, while it holds the stripes that it moves over. */
    public void moveTo(long newStripeSector) {
        stripeSector = newStripeSector;
    }
}

package io.mdfuse.device;

import java.util.Random;

/**
 * The room of a host on which devices lie: there is room until so many calls were made, and from then on none until the
 * test makes some. Of a test with one thread.
 */
public final class FullHost {
    private final boolean reserves;
    private final Random random = new Random(3);
    private int calls;
    private int fullFromCall = Integer.MAX_VALUE;
    private int refusals;
    private boolean refusesFlushes;

    /**
     * @param reserves false for a file system that promises no room, and can refuse what was written before
     * (copy-on-write)
     */
    public FullHost(boolean reserves) {
        this.reserves = reserves;
    }

    /** From the nth call on that could need room, the first being 1, there is none. */
    public void fillAtCall(int nth) {
        fullFromCall = nth;
    }

    /** There is room from now on. */
    public void makeRoom() {
        fullFromCall = Integer.MAX_VALUE;
    }

    /** From now on writes are taken, and flushes fail. */
    public void refuseFlushes() {
        refusesFlushes = true;
    }

    boolean refusesFlushes() {
        return refusesFlushes;
    }

    /** How many calls could have needed room so far. */
    public int calls() {
        return calls;
    }

    /** How many were refused. */
    public int refusals() {
        return refusals;
    }

    boolean reserves() {
        return reserves;
    }

    /** Counts a call; true if it finds no room. */
    boolean isFull() {
        return ++calls >= fullFromCall;
    }

    void countRefusal() {
        refusals++;
    }

    /** How much of a refused write is on the medium: whole sectors. */
    long bytesBeforeRefusal(long lengthBytes) {
        return random.nextLong(lengthBytes / Sectors.BYTES + 1) * Sectors.BYTES;
    }
}

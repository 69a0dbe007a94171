package io.mdfuse.device;

import java.util.Random;

/**
 * The space of a simulated host: there is space until a given number of calls, and from then on none until the test
 * makes some. For a test with one thread.
 */
public final class FullHost {
    private final boolean reserves;
    private final Random random = new Random(3);
    private int calls;
    private int fullFromCall = Integer.MAX_VALUE;
    private int refusals;
    private boolean refusesFlushes;

    /**
     * @param reserves false for a file system that can't reserve space, and may refuse to write a block again
     *     (copy-on-write)
     */
    public FullHost(boolean reserves) {
        this.reserves = reserves;
    }

    /** There is no space from the nth call on, counted from 1, of those that may need space. */
    public void fillAtCall(int nth) {
        fullFromCall = nth;
    }

    /** There is space from now on. */
    public void makeSpace() {
        fullFromCall = Integer.MAX_VALUE;
    }

    /** From now on writes succeed and flushes fail. */
    public void refuseFlushes() {
        refusesFlushes = true;
    }

    boolean refusesFlushes() {
        return refusesFlushes;
    }

    /** The number of calls so far that may need space. */
    public int calls() {
        return calls;
    }

    /** The number of calls that were refused. */
    public int refusals() {
        return refusals;
    }

    boolean reserves() {
        return reserves;
    }

    /** Counts a call; true if there is no space for it. */
    boolean isFull() {
        return ++calls >= fullFromCall;
    }

    void countRefusal() {
        refusals++;
    }

    /** How many bytes of a refused write are on the medium: whole sectors. */
    long bytesBeforeRefusal(long lengthBytes) {
        return random.nextLong(lengthBytes / Sectors.BYTES + 1) * Sectors.BYTES;
    }
}

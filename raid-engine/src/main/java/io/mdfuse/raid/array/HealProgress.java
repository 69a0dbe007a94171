package io.mdfuse.raid.array;

/** Hears how far the healing of images has come. */
@FunctionalInterface
public interface HealProgress {
    /**
     * Called after each piece, on the thread that heals.
     *
     * @param doneBytes bytes of holes that were dealt with so far
     * @param lostBytes how many of these stay holes
     */
    void at(long doneBytes, long lostBytes);
}

package io.mdfuse.bench;

import io.mdfuse.raid.stripe.BigStripeTree;

/**
 * Measures the time of a look-up whether a read's row is cached, in ns: in a tree in which nothing is cached, and in
 * one with as many rows as the largest cache can have, for rows that are cached and rows that are not.
 */
final class BigStripeTreeTiming {
    private static final int ROWS = 32768;
    private static final int ASKED = 20_000_000;

    private BigStripeTreeTiming() {}

    public static void main(String[] args) {
        BigStripeTree empty = new BigStripeTree();
        BigStripeTree full = new BigStripeTree();
        for (long row = 0; row < ROWS; row++) {
            full.add(2 * row);
        }
        for (int round = 0; round < 2; round++) {
            String words = String.format(
                    "look-up in BigStripeTree: %.1f ns where nothing is cached, %.1f ns among %d rows",
                    nanosEach(empty), nanosEach(full), ROWS);
            if (round == 1) {
                System.out.println(words);
            }
        }
    }

    private static double nanosEach(BigStripeTree tree) {
        long begin = System.nanoTime();
        long row = 1;
        int found = 0;
        for (int i = 0; i < ASKED; i++) {
            row = row * 6364136223846793005L + 1442695040888963407L;
            found += tree.isCached(row >>> 48) ? 1 : 0;
        }
        long nanos = System.nanoTime() - begin;
        if (found < 0) {
            throw new AssertionError("the count is used, so that the asking is not optimised away");
        }
        return (double) nanos / ASKED;
    }
}

package io.mdfuse.raid.array.overlay;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A set of block numbers, in pages of {@link #PAGE_BLOCKS}. A page takes one bit for each block if some of its blocks
 * are in the set, and almost no memory if all or none are.
 */
final class BlockSet {
    static final int PAGE_BLOCKS = 1 << 15;

    private static final int PAGE_WORDS = PAGE_BLOCKS / Long.SIZE;

    /** Shared by every page of which all blocks are in the set; never changed. */
    private static final long[] FULL = full();

    private final Map<Long, long[]> pages = new HashMap<>();
    private long count;

    private static long[] full() {
        long[] words = new long[PAGE_WORDS];
        Arrays.fill(words, -1L);
        return words;
    }

    /** How many blocks are in the set. */
    long count() {
        return count;
    }

    boolean get(long block) {
        long[] words = pages.get(block / PAGE_BLOCKS);
        return words != null && (words[word(block)] & bit(block)) != 0;
    }

    void set(long block) {
        if (!get(block)) {
            long[] words = pages.computeIfAbsent(block / PAGE_BLOCKS, page -> new long[PAGE_WORDS]);
            words[word(block)] |= bit(block);
            count++;
        }
    }

    /** Adds the blocks from {@code from} to before {@code to}. */
    void set(long from, long to) {
        for (long block = from; block < to; ) {
            if (block % PAGE_BLOCKS == 0 && to - block >= PAGE_BLOCKS) {
                count += PAGE_BLOCKS - countOf(pages.get(block / PAGE_BLOCKS));
                pages.put(block / PAGE_BLOCKS, FULL);
                block += PAGE_BLOCKS;
            } else {
                set(block++);
            }
        }
    }

    /** Removes the blocks from {@code from} to before {@code to}. */
    void clear(long from, long to) {
        for (long block = from; block < to; ) {
            if (block % PAGE_BLOCKS == 0 && to - block >= PAGE_BLOCKS) {
                count -= countOf(pages.remove(block / PAGE_BLOCKS));
                block += PAGE_BLOCKS;
            } else {
                clear(block++);
            }
        }
    }

    private void clear(long block) {
        long page = block / PAGE_BLOCKS;
        long[] words = pages.get(page);
        if (words == null || (words[word(block)] & bit(block)) == 0) {
            return;
        }
        if (words == FULL) {
            words = FULL.clone();
            pages.put(page, words);
        }
        words[word(block)] &= ~bit(block);
        count--;
    }

    private static long countOf(long @Nullable [] words) {
        return words == null ? 0 : Arrays.stream(words).map(Long::bitCount).sum();
    }

    private static int word(long block) {
        return (int) (block % PAGE_BLOCKS / Long.SIZE);
    }

    private static long bit(long block) {
        return 1L << (block % Long.SIZE);
    }
}

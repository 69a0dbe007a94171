package io.mdfuse.raid.lost;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * What the first and the last bytes of each block look like, in a few classes: in a volume, blocks that follow each
 * other mostly look alike. Kept for the first GiB of each device, a byte for each end of a block.
 */
final class BlockTextures {
    static final int CLASSES = 6;

    private static final int MAX_BLOCKS = 1 << 18;
    private static final int LOOKED_AT = 64;
    private static final int NOTHING = 0;
    private static final int MOSTLY_ZEROS = 1;
    private static final int TEXT = 2;
    private static final int SEVEN_BITS = 3;
    private static final int MIXED = 4;
    private static final int RANDOM = 5;

    private final byte[][] heads;
    private final byte[][] tails;
    private final int[] counts;

    BlockTextures(int devices) {
        this(new byte[devices][1024], new byte[devices][1024], new int[devices]);
    }

    private BlockTextures(byte[][] heads, byte[][] tails, int[] counts) {
        this.heads = heads;
        this.tails = tails;
        this.counts = counts;
    }

    /** What is known of the first devices. */
    BlockTextures ofFirst(int devices) {
        return new BlockTextures(
                Arrays.copyOf(heads, devices), Arrays.copyOf(tails, devices), Arrays.copyOf(counts, devices));
    }

    int devices() {
        return counts.length;
    }

    /** A block that is not all zeros. */
    void note(int device, long deviceBytes, MemorySegment block) {
        long index = deviceBytes / BlockBytes.BLOCK;
        if (index >= MAX_BLOCKS) {
            return;
        }
        int at = (int) index;
        if (at >= heads[device].length) {
            int length = Math.max(at + 1, 2 * heads[device].length);
            heads[device] = Arrays.copyOf(heads[device], length);
            tails[device] = Arrays.copyOf(tails[device], length);
        }
        heads[device][at] = (byte) Math.max(MOSTLY_ZEROS, classOf(block, 0));
        tails[device][at] = (byte) Math.max(MOSTLY_ZEROS, classOf(block, BlockBytes.BLOCK - LOOKED_AT));
        counts[device] = Math.max(counts[device], at + 1);
    }

    private static int classOf(MemorySegment block, int from) {
        long[] seen = new long[4];
        int zeros = 0;
        int printable = 0;
        int high = 0;
        for (int at = from; at < from + LOOKED_AT; at++) {
            int value = BlockBytes.unsignedByte(block, at);
            seen[value >> 6] |= 1L << value;
            zeros += value == 0 ? 1 : 0;
            high += value >= 0x80 ? 1 : 0;
            printable += (value >= ' ' && value <= '~') || (value >= '\t' && value <= '\r') ? 1 : 0;
        }
        int distinct = 0;
        for (long bits : seen) {
            distinct += Long.bitCount(bits);
        }
        if (zeros > LOOKED_AT / 2) {
            return zeros == LOOKED_AT ? NOTHING : MOSTLY_ZEROS;
        }
        if (printable >= LOOKED_AT - 2) {
            return TEXT;
        }
        if (high <= 1) {
            return SEVEN_BITS;
        }
        return distinct > 46 ? RANDOM : MIXED;
    }

    /** The class of the first bytes; 0 for a block of zeros. */
    int head(int device, int block) {
        return block < counts[device] ? heads[device][block] : NOTHING;
    }

    /** The class of the last bytes; 0 for a block of zeros. */
    int tail(int device, int block) {
        return block < counts[device] ? tails[device][block] : NOTHING;
    }

    boolean isEmpty(int device, int block) {
        return head(device, block) == NOTHING;
    }

    /** The blocks of each device up to the last that any of them fills. */
    int blocks() {
        return Arrays.stream(counts).max().orElse(0);
    }

    /**
     * How much more likely it is, as a logarithm, that a block with head {@code to} follows one with tail {@code from}
     * than that it lies anywhere: in four of five cases the class stays, else it is any.
     */
    double[][] likelihoods() {
        double[] part = new double[CLASSES];
        double total = 0;
        for (int device = 0; device < counts.length; device++) {
            for (int block = 0; block < blocks(); block++) {
                part[head(device, block)]++;
                total++;
            }
        }
        double[][] table = new double[CLASSES][CLASSES];
        for (int from = 0; from < CLASSES; from++) {
            for (int to = 0; to < CLASSES; to++) {
                double share = Math.max(1, part[to]) / Math.max(1, total);
                table[from][to] = from == to ? Math.log((0.8 + 0.2 * share) / share) : Math.log(0.2);
            }
        }
        return table;
    }

    /** The mean of these over blocks that follow each other on their devices. */
    double usual(double[][] likelihoods) {
        double sum = 0;
        long pairs = 0;
        for (int device = 0; device < counts.length; device++) {
            for (int block = 1; block < blocks(); block++) {
                sum += likelihoods[tail(device, block - 1)][head(device, block)];
                pairs++;
            }
        }
        return pairs == 0 ? 0 : sum / pairs;
    }
}

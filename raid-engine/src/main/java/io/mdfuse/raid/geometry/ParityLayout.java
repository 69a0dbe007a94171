package io.mdfuse.raid.geometry;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Every RAID-4/5/6 layout of Linux md ({@code ALGORITHM_…} in drivers/md/raid5.h): which slot of a chunk row holds P, Q
 * and the k-th data chunk.
 *
 * <p>A layout is defined by three choices: how P moves from row to row ({@link ParityStep}), where Q lies relative to P
 * ({@link SecondParity}), and in which order the data chunks fill the other slots ({@link DataOrder}). The number is
 * the value of the superblock's {@code layout} field. A "-6" layout is a RAID-5 layout over all slots except the last,
 * which holds Q: an array has such a layout after it was grown from RAID-5 to RAID-6.
 */
public enum ParityLayout {
    RAID4(4, 0, "raid4", ParityStep.LAST, SecondParity.NONE, DataOrder.SKIP_PARITY),
    LEFT_ASYMMETRIC_5(5, 0, "left-asymmetric", ParityStep.LEFT, SecondParity.NONE, DataOrder.SKIP_PARITY),
    RIGHT_ASYMMETRIC_5(5, 1, "right-asymmetric", ParityStep.RIGHT, SecondParity.NONE, DataOrder.SKIP_PARITY),
    LEFT_SYMMETRIC_5(5, 2, "left-symmetric", ParityStep.LEFT, SecondParity.NONE, DataOrder.AFTER_PARITY),
    RIGHT_SYMMETRIC_5(5, 3, "right-symmetric", ParityStep.RIGHT, SecondParity.NONE, DataOrder.AFTER_PARITY),
    PARITY_FIRST_5(5, 4, "parity-first", ParityStep.FIRST, SecondParity.NONE, DataOrder.SKIP_PARITY),
    PARITY_LAST_5(5, 5, "parity-last", ParityStep.LAST, SecondParity.NONE, DataOrder.SKIP_PARITY),
    LEFT_ASYMMETRIC_6(6, 0, "left-asymmetric", ParityStep.LEFT, SecondParity.AFTER_P, DataOrder.SKIP_PARITY),
    RIGHT_ASYMMETRIC_6(6, 1, "right-asymmetric", ParityStep.RIGHT, SecondParity.AFTER_P, DataOrder.SKIP_PARITY),
    LEFT_SYMMETRIC_6(6, 2, "left-symmetric", ParityStep.LEFT, SecondParity.AFTER_P, DataOrder.AFTER_PARITY),
    RIGHT_SYMMETRIC_6(6, 3, "right-symmetric", ParityStep.RIGHT, SecondParity.AFTER_P, DataOrder.AFTER_PARITY),
    PARITY_FIRST_6(6, 4, "parity-first", ParityStep.FIRST, SecondParity.AFTER_P, DataOrder.SKIP_PARITY),
    PARITY_LAST_6(6, 5, "parity-last", ParityStep.NEXT_TO_LAST, SecondParity.AFTER_P, DataOrder.SKIP_PARITY),
    DDF_ZERO_RESTART(6, 8, "ddf-zero-restart", ParityStep.RIGHT, SecondParity.AFTER_P, DataOrder.SKIP_PARITY),
    DDF_N_RESTART(6, 9, "ddf-N-restart", ParityStep.LEFT_FROM_SECOND_ROW, SecondParity.AFTER_P, DataOrder.SKIP_PARITY),
    DDF_N_CONTINUE(6, 10, "ddf-N-continue", ParityStep.LEFT, SecondParity.BEFORE_P, DataOrder.AFTER_PARITY),
    LEFT_ASYMMETRIC_PLUS_Q(6, 16, "left-asymmetric-6", ParityStep.LEFT, SecondParity.LAST_SLOT, DataOrder.SKIP_PARITY),
    RIGHT_ASYMMETRIC_PLUS_Q(
            6, 17, "right-asymmetric-6", ParityStep.RIGHT, SecondParity.LAST_SLOT, DataOrder.SKIP_PARITY),
    LEFT_SYMMETRIC_PLUS_Q(6, 18, "left-symmetric-6", ParityStep.LEFT, SecondParity.LAST_SLOT, DataOrder.AFTER_PARITY),
    RIGHT_SYMMETRIC_PLUS_Q(
            6, 19, "right-symmetric-6", ParityStep.RIGHT, SecondParity.LAST_SLOT, DataOrder.AFTER_PARITY),
    PARITY_FIRST_PLUS_Q(6, 20, "parity-first-6", ParityStep.FIRST, SecondParity.LAST_SLOT, DataOrder.SKIP_PARITY);

    /**
     * The most slots that RAID-6 can have, in any layout: Q distinguishes blocks by powers of two, of which GF(2^8) has
     * 255, and the DDF layouts use one for each slot.
     */
    public static final int MAX_SLOTS_WITH_Q = 255;

    /**
     * How P moves from one chunk row to the next. It rotates over all slots, or over all but the last if that always
     * holds Q.
     */
    private enum ParityStep {
        FIRST,
        LAST,
        NEXT_TO_LAST,
        /** From the last slot downwards. */
        LEFT,
        /** As LEFT, beginning with LEFT's second row. */
        LEFT_FROM_SECOND_ROW,
        /** From slot 0 upwards. */
        RIGHT
    }

    /** Where Q lies. */
    private enum SecondParity {
        NONE,
        AFTER_P,
        BEFORE_P,
        LAST_SLOT
    }

    /** How data chunks fill the slots that P and Q leave. */
    private enum DataOrder {
        /** In slot order, skipping parity. */
        SKIP_PARITY,
        /** From the slot after parity, and from slot 0 after the last slot. */
        AFTER_PARITY
    }

    private final int level;
    private final int number;
    private final String mdName;
    private final ParityStep step;
    private final SecondParity second;
    private final DataOrder order;

    ParityLayout(int level, int number, String mdName, ParityStep step, SecondParity second, DataOrder order) {
        this.level = level;
        this.number = number;
        this.mdName = mdName;
        this.step = step;
        this.second = second;
        this.order = order;
    }

    /** The RAID level: 4, 5 or 6. */
    public int level() {
        return level;
    }

    /** md's number for it, as in the superblock. For RAID-4 it is written as 0 and ignored when read. */
    public int number() {
        return number;
    }

    /** mdadm's name for it. */
    public String mdName() {
        return mdName;
    }

    /** Parity chunks in each row: 1, or 2 for RAID-6. */
    public int parityCount() {
        return second == SecondParity.NONE ? 1 : 2;
    }

    /**
     * True for the layouts of the DDF standard, in which a data chunk's exponent is its slot number, not its position
     * after Q.
     */
    public boolean weighsBySlot() {
        return number >= DDF_ZERO_RESTART.number && number <= DDF_N_CONTINUE.number;
    }

    /** The slot of P in chunk row {@code row} of an array of {@code raidDisks} slots. */
    public int parityP(long row, int raidDisks) {
        int slots = sharedSlots(raidDisks);
        return switch (step) {
            case FIRST -> 0;
            case LAST -> slots - 1;
            case NEXT_TO_LAST -> slots - 2;
            case LEFT -> slots - 1 - (int) (row % slots);
            case LEFT_FROM_SECOND_ROW -> slots - 1 - (int) ((row + 1) % slots);
            case RIGHT -> (int) (row % slots);
        };
    }

    /** The slot of Q in chunk row {@code row}; -1 for RAID-4 and RAID-5. */
    public int parityQ(long row, int raidDisks) {
        return switch (second) {
            case NONE -> -1;
            case AFTER_P -> (parityP(row, raidDisks) + 1) % raidDisks;
            case BEFORE_P -> (parityP(row, raidDisks) + raidDisks - 1) % raidDisks;
            case LAST_SLOT -> raidDisks - 1;
        };
    }

    /** The slot of the {@code dataIndex}-th data chunk of chunk row {@code row}. */
    public int dataSlot(long row, int dataIndex, int raidDisks) {
        int p = parityP(row, raidDisks);
        if (order == DataOrder.AFTER_PARITY) {
            return (p + parityBehindP() + dataIndex) % sharedSlots(raidDisks);
        }
        int firstParity = firstParityOfRow(p, raidDisks);
        return dataIndex < firstParity ? dataIndex : dataIndex + skippedFrom(p, firstParity, raidDisks);
    }

    /**
     * The inverse of {@link #dataSlot}: the index of the data chunk that {@code slot} holds in the row; -1 if it holds
     * P or Q.
     */
    public int dataIndex(long row, int slot, int raidDisks) {
        int p = parityP(row, raidDisks);
        if (slot == p || slot == parityQ(row, raidDisks)) {
            return -1;
        }
        if (order == DataOrder.AFTER_PARITY) {
            int slots = sharedSlots(raidDisks);
            return Math.floorMod(slot - p - parityBehindP(), slots);
        }
        int firstParity = firstParityOfRow(p, raidDisks);
        return slot < firstParity ? slot : slot - skippedFrom(p, firstParity, raidDisks);
    }

    /**
     * The exponent of the {@code dataIndex}-th data chunk of chunk row {@code row}: Q weighs the chunk by 2 to this
     * power. It is the chunk's position if the slots are counted from the one after Q, without parity; in the DDF
     * layouts, its slot.
     */
    public int exponent(long row, int dataIndex, int raidDisks) {
        int slot = dataSlot(row, dataIndex, raidDisks);
        if (weighsBySlot()) {
            return slot;
        }
        int behindQ = parityQ(row, raidDisks) + 1;
        int place = Math.floorMod(slot - behindQ, raidDisks);
        int placeOfP = Math.floorMod(parityP(row, raidDisks) - behindQ, raidDisks);
        return placeOfP < place ? place - 1 : place;
    }

    /** The layout that an md superblock of this level and number means. */
    public static Optional<ParityLayout> of(int level, int number) {
        return forLevel(level).stream()
                .filter(layout -> level == 4 || layout.number == number)
                .findFirst();
    }

    /** All layouts of a level, in the order of their numbers. */
    public static List<ParityLayout> forLevel(int level) {
        return Arrays.stream(values()).filter(layout -> layout.level == level).toList();
    }

    /** The number of slots over which P and the data chunks rotate: all, or all but the last if that always holds Q. */
    private int sharedSlots(int raidDisks) {
        return second == SecondParity.LAST_SLOT ? raidDisks - 1 : raidDisks;
    }

    /** How many slots after P the data starts: after Q if Q follows P, otherwise directly after P. */
    private int parityBehindP() {
        return second == SecondParity.AFTER_P ? 2 : 1;
    }

    /** The lowest parity slot in the row; if P is in the last slot, Q wraps around to slot 0. */
    private int firstParityOfRow(int p, int raidDisks) {
        return second == SecondParity.AFTER_P && p == raidDisks - 1 ? 0 : p;
    }

    /** How many adjacent parity slots begin at {@code firstParity}. */
    private int skippedFrom(int p, int firstParity, int raidDisks) {
        return second == SecondParity.AFTER_P && firstParity == p && p < raidDisks - 1 ? 2 : 1;
    }
}

package io.mdfuse.raid.sync;

/**
 * The result of comparing the blocks of one stripe. A block lies if its member returns wrong content without an error.
 *
 * <pre>
 *   FITS         data and parity belong together
 *   LIES         the block of one slot does not fit all others (RAID-6)
 *   DISAGREES    parity and data don't fit, and one parity can't determine the wrong block
 *                (RAID-4/5; RAID-6 with one member missing)
 *   SEVERAL      more than one block is wrong (RAID-6)
 *   UNREADABLE   more blocks can't be read than parity can solve: nothing to compare
 * </pre>
 *
 * @param slot the slot of the block that lies, or of the parity that disagrees; -1 for all other verdicts
 */
public record StripeVerdict(Kind kind, int slot) {
    /** The rows of the table. */
    public enum Kind {
        FITS,
        LIES,
        DISAGREES,
        SEVERAL,
        UNREADABLE
    }

    static final StripeVerdict FITS = new StripeVerdict(Kind.FITS, -1);
    static final StripeVerdict SEVERAL = new StripeVerdict(Kind.SEVERAL, -1);
    static final StripeVerdict UNREADABLE = new StripeVerdict(Kind.UNREADABLE, -1);

    static StripeVerdict lies(int slot) {
        return new StripeVerdict(Kind.LIES, slot);
    }

    static StripeVerdict disagrees(int paritySlot) {
        return new StripeVerdict(Kind.DISAGREES, paritySlot);
    }

    boolean isMismatch() {
        return kind == Kind.LIES || kind == Kind.DISAGREES || kind == Kind.SEVERAL;
    }
}

package io.mdfuse.raid.stripe;

/**
 * How the new parity of a run of stripes is made: what has to be read for it.
 *
 * <pre>
 *   FULL_STRIPE        every data slot is written    reads nothing       P = new data
 *   RECONSTRUCT        some are                      reads the others    P = new data + untouched data
 *   READ_MODIFY_WRITE  some are                      reads their old     P = old P + old data + new data
 *                                                    blocks and old P
 * </pre>
 */
public enum WritePlan {
    /** All data slots are written. */
    FULL_STRIPE,
    /** The untouched data slots are read. */
    RECONSTRUCT,
    /** The old blocks of the written slots, and the old parity, are read. */
    READ_MODIFY_WRITE;

    /**
     * Picks the plan that reads least among those that can be trusted, as md does: a difference needs old parity
     * that is right, a sum needs every untouched block.
     *
     * <p>An untouched slot that is lost leaves only the difference. Then old parity is all that is left of that
     * slot, so it is used even where it was never synced: nothing better exists.
     *
     * @param dataDisks data slots in a stripe
     * @param written how many of them are written, from 1 on
     * @param writtenLost true where a member that is written is missing or faulty
     * @param untouchedLost true where a member that is not written is missing or faulty
     * @param parityLost true where the member with P is missing or faulty
     * @param parityTrusted true where the stripes' old parity is known to be right
     */
    static WritePlan choose(
            int dataDisks,
            int written,
            boolean writtenLost,
            boolean untouchedLost,
            boolean parityLost,
            boolean parityTrusted) {
        if (written == dataDisks) {
            return FULL_STRIPE;
        }
        if (untouchedLost) {
            return READ_MODIFY_WRITE;
        }
        if (writtenLost || parityLost || !parityTrusted) {
            return RECONSTRUCT;
        }
        int readsForDifference = written + 1;
        int readsForSum = dataDisks - written;
        return readsForDifference < readsForSum ? READ_MODIFY_WRITE : RECONSTRUCT;
    }
}

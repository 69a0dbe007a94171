package io.mdfuse.raid.stripe;

/**
 * How the new parity of a run of stripes is made, and which blocks have to be read for it. The rules for P apply to the
 * Q of RAID-6 too, in whose sum each block has its coefficient.
 *
 * <pre>
 *   FULL_STRIPE        every data slot is written    reads nothing       P = new data
 *   RECONSTRUCT        some are                      reads the others    P = new data + untouched data
 *   READ_MODIFY_WRITE  some are                      reads their old     P = old P + old data + new data
 *                                                    blocks and old P
 * </pre>
 *
 * The first row that is true decides; <i>difference</i> means that neither a written slot nor a parity slot is lost:
 *
 * <pre>
 *   all written                                                     FULL_STRIPE
 *   untouched slot lost, difference, parity was made at some time   READ_MODIFY_WRITE
 *   untouched slot lost, or no difference, or parity not correct    RECONSTRUCT
 *   else: the difference reads less                                 READ_MODIFY_WRITE
 *   otherwise                                                         RECONSTRUCT
 * </pre>
 */
public enum WritePlan {
    /** All data slots are written. */
    FULL_STRIPE,
    /** The untouched data slots are read; lost ones are solved. All before anything is written. */
    RECONSTRUCT,
    /** The old blocks of the written slots, and the old parity, are read. */
    READ_MODIFY_WRITE;

    /**
     * Chooses the plan that reads least among those that give correct parity, as md does: a difference needs correct
     * old parity, a sum needs every untouched block.
     *
     * <p>If only an untouched slot is lost, the difference avoids solving it. Then the old parity is all that remains
     * of that slot, so it is used even if it is in doubt. Parity that was never made is replaced nevertheless: the two
     * parities of RAID-6 would go on to contradict each other, and a second loss would take what is written now.
     *
     * @param dataDisks data slots in a stripe
     * @param parityCount parity slots in a stripe, 1 or 2
     * @param written how many data slots are written, from 1 on
     * @param writtenLost whether a member that is written is missing or faulty, or lists a block of the run as bad
     * @param untouchedLost the same for a data member that is not written
     * @param parityLost the same for a member with parity
     * @param parity what is known of the stripes' old parity
     */
    static WritePlan choose(
            int dataDisks,
            int parityCount,
            int written,
            boolean writtenLost,
            boolean untouchedLost,
            boolean parityLost,
            ParityTrust parity) {
        if (written == dataDisks) {
            return FULL_STRIPE;
        }
        boolean differencePossible = !writtenLost && !parityLost;
        if (untouchedLost && differencePossible && parity != ParityTrust.NEVER_MADE) {
            return READ_MODIFY_WRITE;
        }
        if (untouchedLost || !differencePossible || parity != ParityTrust.CORRECT) {
            return RECONSTRUCT;
        }
        int readsForDifference = written + parityCount;
        int readsForSum = dataDisks - written;
        return readsForDifference < readsForSum ? READ_MODIFY_WRITE : RECONSTRUCT;
    }
}

package io.mdfuse.raid.superblock;

/**
 * How an array's parity is made consistent after a crash: one way for each array, with the names of md's sysfs
 * attribute {@code consistency_policy}.
 */
public enum ConsistencyPolicy {
    /** All parity is computed again. */
    RESYNC("resync"),
    /** The parity of the regions that are marked in the write-intent bitmap is computed again. */
    BITMAP("bitmap"),
    /** The parity of the last writes is computed from the partial parity log: RAID-5 only. */
    PPL("ppl"),
    /** The last writes are replayed from the journal device. */
    JOURNAL("journal");

    private final String mdName;

    ConsistencyPolicy(String mdName) {
        this.mdName = mdName;
    }

    /** The policy of an array with these features. */
    public static ConsistencyPolicy of(Superblock superblock) {
        if (superblock.hasFeature(Features.JOURNAL)) {
            return JOURNAL;
        }
        if (superblock.hasFeature(Features.ANY_PPL)) {
            return PPL;
        }
        return superblock.hasFeature(Features.BITMAP) ? BITMAP : RESYNC;
    }

    public String mdName() {
        return mdName;
    }
}

package io.mdfuse.raid.superblock;

/** How an array's parity is made right after a crash: one way for each array, by md's names. */
public enum ConsistencyPolicy {
    /** All parity is made anew. */
    RESYNC("resync"),
    /** The parity of regions that were written to is made anew. */
    BITMAP("bitmap"),
    /** The parity under way is made from what was logged of it: RAID-5 only. */
    PPL("ppl"),
    /** What was under way is written again from the journal device. */
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

package io.mdfuse.raid.copies;

/**
 * md's layout number of RAID-10 (Linux {@code setup_geo} in raid10.c).
 *
 * <pre>
 *   bits 0-7    near copies: on neighbouring slots, in the same row
 *   bits 8-15   far copies: in another part of the members, on another slot
 *   bit 16      offset: the far copies are in the rows directly below instead
 *   bits 17-18  0: a far copy may be on any slot; 1, 2: it stays within a set of slots ("far sets"), of
 *               slots / far copies slots each, or of near copies * far copies
 *   others      not known
 * </pre>
 *
 * @param near near copies
 * @param far far copies; 1 for none
 * @param offset true if the far copies are in the rows directly below
 * @param farSets the number in bits 17 and up
 */
public record CopyCounts(int near, int far, boolean offset, int farSets) {
    private static final int OFFSET_BIT = 16;
    private static final int FAR_SETS_BIT = 17;

    /** Takes the number in the superblock apart. */
    public static CopyCounts of(int layout) {
        return new CopyCounts(
                layout & 0xff, layout >> 8 & 0xff, (layout >> OFFSET_BIT & 1) != 0, layout >>> FAR_SETS_BIT);
    }

    int copies() {
        return near * far;
    }

    /** The slots of a far set; all {@code slots} if there is one set. */
    public int farSetSize(int slots) {
        return switch (farSets) {
            case 0 -> slots;
            case 1 -> slots / far;
            default -> copies();
        };
    }

    /** As mdadm shows it. */
    String mdName() {
        String nearWords = near == 1 ? "" : "near=" + near;
        String farWords = far == 1 ? "" : (offset ? "offset=" : "far=") + far;
        return nearWords + (nearWords.isEmpty() || farWords.isEmpty() ? "" : ", ") + farWords;
    }
}

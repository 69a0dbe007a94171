package io.mdfuse.raid.superblock;

import java.util.ArrayList;
import java.util.List;

/**
 * The bits of a superblock's feature map (MD_FEATURE_… in Linux {@code md_p.h}). A bit that is not listed here belongs
 * to a newer md: the device is refused, because the bit says that something about it differs from what this program
 * knows.
 */
public final class Features {
    public static final int BITMAP = 1;
    public static final int RECOVERY_OFFSET = 2;
    public static final int RESHAPE_ACTIVE = 4;
    public static final int BAD_BLOCKS = 8;
    public static final int REPLACEMENT = 16;
    public static final int RESHAPE_BACKWARDS = 32;
    public static final int NEW_OFFSET = 64;
    public static final int RECOVERY_BITMAP = 128;
    public static final int CLUSTERED = 256;
    public static final int JOURNAL = 512;
    public static final int PPL = 1024;
    public static final int MULTIPLE_PPLS = 2048;
    public static final int RAID0_LAYOUT = 4096;

    /** Either form of the partial parity log. */
    public static final int ANY_PPL = PPL | MULTIPLE_PPLS;

    /** The bits that belong to one device; all others are the same in every superblock of an array. */
    public static final int PER_DEVICE = RECOVERY_OFFSET | BAD_BLOCKS | REPLACEMENT | RECOVERY_BITMAP;

    private static final String[] NAMES = {
        "bitmap",
        "recovery-offset",
        "reshape",
        "bad-blocks",
        "replacement",
        "reshape-backwards",
        "new-data-offset",
        "recovery-bitmap",
        "clustered",
        "journal",
        "ppl",
        "multiple-ppls",
        "raid0-layout"
    };

    /** All bits that md has used up to Linux 6.18. */
    public static final int KNOWN = (1 << NAMES.length) - 1;

    private Features() {}

    /** The names of the bits that are set, for messages; a bit without a name is shown as a number. */
    public static String names(int featureMap) {
        List<String> words = new ArrayList<>();
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            if ((featureMap >>> bit & 1) != 0) {
                words.add(bit < NAMES.length ? NAMES[bit] : "0x" + Integer.toHexString(1 << bit));
            }
        }
        return String.join(", ", words);
    }
}

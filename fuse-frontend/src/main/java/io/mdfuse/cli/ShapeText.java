package io.mdfuse.cli;

import io.mdfuse.raid.geometry.ParityLayout;
import java.util.Optional;

/**
 * mdadm's names of levels and layouts, and how mdadm computes an array's size, for all levels of md, since examine
 * shows devices of any array. Both versions of the superblock are printed with these names.
 */
final class ShapeText {
    private static final int LINEAR = -1;

    /** The unnamed bits of a RAID-10 layout: far copies are in the next chunks instead. */
    private static final int OFFSET_COPIES = 1 << 16;

    private ShapeText() {}

    static String levelName(int level) {
        return switch (level) {
            case 0, 1, 4, 5, 6, 10 -> "raid" + level;
            case LINEAR -> "linear";
            case -4 -> "multipath";
            case -5 -> "faulty";
            case -100 -> "container";
            default -> "-unknown-";
        };
    }

    /** The layout's name; empty for a level whose layout mdadm does not show. */
    static Optional<String> layoutName(int level, int layout) {
        return switch (level) {
            case 5, 6 -> Optional.of(parityLayout(level, layout));
            case 10 -> Optional.of(copies(layout));
            default -> Optional.empty();
        };
    }

    /** The same for level 0, whose layout is valid only if a flag of the superblock says so. */
    static String stripedLayout(int layout) {
        return switch (layout) {
            case 1 -> "original";
            case 2 -> "alternate";
            case -1 -> "dangerous";
            default -> "-unknown-";
        };
    }

    private static String parityLayout(int level, int layout) {
        return ParityLayout.of(level, layout).map(ParityLayout::mdName).orElse("-unknown-");
    }

    private static String copies(int layout) {
        int near = layout & 0xff;
        int far = layout >> 8 & 0xff;
        if (near == 1 && far == 1) {
            return "NO REDUNDANCY";
        }
        String nearWords = near == 1 ? "" : "near=" + near;
        String kind = (layout & OFFSET_COPIES) == 0 ? "far" : "offset";
        String farWords = far == 1 ? "" : kind + "=" + far;
        return nearWords + (nearWords.isEmpty() || farWords.isEmpty() ? "" : ", ") + farWords;
    }

    /** The array's size in bytes; empty for a level whose members may all be of different sizes. */
    static Optional<Long> arrayBytes(int level, int layout, int raidDisks, long usedBytes) {
        int copies = (layout & 0xff) * (layout >> 8 & 0xff);
        return switch (level) {
            case 1 -> Optional.of(usedBytes);
            case 4, 5 -> Optional.of(usedBytes * (raidDisks - 1));
            case 6 -> Optional.of(usedBytes * (raidDisks - 2));
            case 10 -> copies == 0 ? Optional.empty() : Optional.of(usedBytes * raidDisks / copies);
            default -> Optional.empty();
        };
    }

    /** mdadm's label for the chunk size at this level; empty if mdadm shows none. */
    static Optional<String> chunkLabel(int level) {
        return switch (level) {
            case 0, 4, 5, 6, 10 -> Optional.of("Chunk Size");
            case LINEAR -> Optional.of("Rounding");
            default -> Optional.empty();
        };
    }
}

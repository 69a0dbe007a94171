package io.mdfuse.raid.parity;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The parity of a stripe whose data is complete, for any level: P alone, or P and Q. */
public final class StripeParity {
    private StripeParity() {}

    /**
     * Computes the parity from all data of a stripe, or of a run of stripes.
     *
     * @param p as long as each data block
     * @param q as long as {@code p}; null for RAID-4 and RAID-5
     * @param byExponent the data blocks, each at the index of its exponent; null only for an exponent without data
     */
    public static void make(MemorySegment p, @Nullable MemorySegment q, @Nullable MemorySegment[] byExponent) {
        if (q == null) {
            XorParity.sum(
                    p, Arrays.stream(byExponent).map(Objects::requireNonNull).toList());
        } else {
            DualParity.sum(p, q, Arrays.asList(byExponent));
        }
    }
}

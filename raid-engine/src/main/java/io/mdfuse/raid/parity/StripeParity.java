package io.mdfuse.raid.parity;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The parity of a stripe whose data is all there, whichever the level: P alone, or P and Q. */
public final class StripeParity {
    private StripeParity() {}

    /**
     * Makes the parity from all data of a stripe, or of a run of stripes.
     *
     * @param p as long as each data block
     * @param q the same; null where the level has none
     * @param byExponent the data blocks at the places of their exponents; null only where an exponent stands for no
     *     data
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

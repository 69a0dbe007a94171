package io.mdfuse.journal;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one write changes in consecutive stripes: the unit that is appended to the journal. Each stripe of the
 * run becomes its DATA payloads in slot order, then its PARITY payload if the run has parity, all in one meta block.
 *
 * @param stripeSector member sector of the first stripe; that of stripe i is {@code stripeSector + 8 * i}
 * @param stripeCount how many stripes, at least 1
 * @param data the changed slots, in slot order
 * @param p the new parity, one block for each stripe; null for data that is cached without parity
 * @param q the second parity of RAID-6, else null
 */
public record StripeRun(
        long stripeSector,
        int stripeCount,
        List<DataColumn> data,
        @Nullable MemorySegment p,
        @Nullable MemorySegment q) {
    /** How many pages each stripe of this run needs in the log; its meta block is not counted. */
    public int pagesPerStripe() {
        return data.size() + (p == null ? 0 : 1) + (q == null ? 0 : 1);
    }
}

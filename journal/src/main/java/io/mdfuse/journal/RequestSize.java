package io.mdfuse.journal;

import io.mdfuse.device.Sectors;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The log space that a request of runs needs, and whether the log's format can describe the request. */
final class RequestSize {
    private RequestSize() {}

    /** The bytes of payload that each stripe of the run needs in its meta block. */
    static int payloadBytesPerStripe(StripeRun run) {
        int parityBytes = run.p() == null
                ? 0
                : run.q() == null ? MetaBlockLayout.ONE_PAGE_BYTES : MetaBlockLayout.TWO_PAGES_BYTES;
        return run.data().size() * MetaBlockLayout.ONE_PAGE_BYTES + parityBytes;
    }

    /**
     * The most sectors that the runs can need in the log, meta blocks included: computed as if each run began in a new
     * meta block. A run that begins in a meta block already open never needs more of them.
     */
    static long worstCaseSectors(List<StripeRun> runs) {
        long blocks = 0;
        for (StripeRun run : runs) {
            int stripesPerBlock = MetaBlockLayout.MAX_PAYLOAD_BYTES / payloadBytesPerStripe(run);
            blocks += (run.stripeCount() + stripesPerBlock - 1) / stripesPerBlock;
            blocks += (long) run.stripeCount() * run.pagesPerStripe();
        }
        return blocks * Sectors.PER_BLOCK;
    }

    /** @throws IllegalArgumentException if a run does not have the form that {@link StripeRun} describes */
    static void requireValid(List<StripeRun> runs) {
        require(!runs.isEmpty(), "a request of no runs");
        for (StripeRun run : runs) {
            require(run.stripeCount() > 0, "a run of no stripes");
            require(
                    run.stripeSector() >= 0 && run.stripeSector() % Sectors.PER_BLOCK == 0,
                    "a stripe sector that is no multiple of 8");
            require(run.pagesPerStripe() > 0, "a run of no pages");
            require(run.q() == null || run.p() != null, "Q without P");
            require(
                    payloadBytesPerStripe(run) <= MetaBlockLayout.MAX_PAYLOAD_BYTES,
                    "a stripe of more slots than one meta block can describe");
            long columnBytes = (long) run.stripeCount() * Sectors.BLOCK_BYTES;
            for (DataColumn data : run.data()) {
                require(
                        data.arraySector() >= 0 && data.arraySector() % Sectors.PER_BLOCK == 0,
                        "an array sector that is no multiple of 8");
                require(data.pages().byteSize() == columnBytes, "data that is not one block for each stripe");
            }
            MemorySegment p = run.p();
            require(p == null || p.byteSize() == columnBytes, "P that is not one block for each stripe");
            MemorySegment q = run.q();
            require(q == null || q.byteSize() == columnBytes, "Q that is not one block for each stripe");
        }
    }

    private static void require(boolean valid, String what) {
        if (!valid) {
            throw new IllegalArgumentException("cannot journal " + what);
        }
    }
}

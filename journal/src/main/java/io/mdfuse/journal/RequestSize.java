package io.mdfuse.journal;

import io.mdfuse.device.Sectors;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** What a request of runs takes in the log, and whether it can be written down at all. */
final class RequestSize {
    private RequestSize() {}

    /** Bytes of payload that each stripe of the run takes in its meta block. */
    static int payloadBytesPerStripe(StripeRun run) {
        int parityBytes = run.p() == null
                ? 0
                : run.q() == null ? MetaBlockLayout.ONE_PAGE_BYTES : MetaBlockLayout.TWO_PAGES_BYTES;
        return run.data().size() * MetaBlockLayout.ONE_PAGE_BYTES + parityBytes;
    }

    /**
     * The most sectors that the runs can take in the log, meta blocks included. Packing stripe after stripe into
     * whatever block is open never opens more blocks than beginning each run in a fresh one.
     */
    static long worstCaseSectors(List<StripeRun> runs) {
        long blocks = 0;
        for (StripeRun run : runs) {
            int stripesPerBlock = MetaBlockLayout.PAYLOAD_ROOM_BYTES / payloadBytesPerStripe(run);
            blocks += (run.stripeCount() + stripesPerBlock - 1) / stripesPerBlock;
            blocks += (long) run.stripeCount() * run.pagesPerStripe();
        }
        return blocks * Sectors.PER_BLOCK;
    }

    /**
     * @throws IllegalArgumentException where a run cannot be written down: see {@link StripeRun} for what it must be
     */
    static void requireValid(List<StripeRun> runs) {
        require(!runs.isEmpty(), "a request of no runs");
        for (StripeRun run : runs) {
            require(run.stripeCount() > 0, "a run of no stripes");
            require(run.stripeSector() >= 0 && run.stripeSector() % Sectors.PER_BLOCK == 0, "a stripe off its place");
            require(run.pagesPerStripe() > 0, "a run of no pages");
            require(run.q() == null || run.p() != null, "Q without P");
            require(
                    payloadBytesPerStripe(run) <= MetaBlockLayout.PAYLOAD_ROOM_BYTES,
                    "a stripe of more slots than one meta block can describe");
            long columnBytes = (long) run.stripeCount() * Sectors.BLOCK_BYTES;
            for (DataColumn data : run.data()) {
                require(data.arraySector() >= 0 && data.arraySector() % Sectors.PER_BLOCK == 0, "data off its place");
                require(data.pages().byteSize() == columnBytes, "data that is not one block for each stripe");
            }
            MemorySegment p = run.p();
            require(p == null || p.byteSize() == columnBytes, "P that is not one block for each stripe");
            MemorySegment q = run.q();
            require(q == null || q.byteSize() == columnBytes, "Q that is not one block for each stripe");
        }
    }

    private static void require(boolean sound, String what) {
        if (!sound) {
            throw new IllegalArgumentException("cannot journal " + what);
        }
    }
}

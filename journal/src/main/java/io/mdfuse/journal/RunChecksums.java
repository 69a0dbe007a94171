package io.mdfuse.journal;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The checksums of all pages of a request, in the order of the pages in the log. The thread that appends the request
 * computes them before it acquires the journal's lock, so that several threads can compute at the same time. Each
 * thread reuses its array for the next request.
 */
final class RunChecksums {
    private static final int INITIAL_PAGES = 1024;
    private static final ThreadLocal<int[]> SCRATCH = ThreadLocal.withInitial(() -> new int[INITIAL_PAGES]);

    private RunChecksums() {}

    /** Computes the checksums. The array belongs to the calling thread and is valid until that thread's next call. */
    static int[] of(List<StripeRun> runs, LogChecksum checksum) {
        int pages = 0;
        for (StripeRun run : runs) {
            pages += run.stripeCount() * run.pagesPerStripe();
        }
        int[] checksums = SCRATCH.get();
        if (checksums.length < pages) {
            checksums = new int[pages];
            SCRATCH.set(checksums);
        }
        int first = 0;
        for (StripeRun run : runs) {
            int stride = run.pagesPerStripe();
            int column = first;
            for (DataColumn data : run.data()) {
                checksum.pages(data.pages(), checksums, column++, stride);
            }
            MemorySegment p = run.p();
            if (p != null) {
                checksum.pages(p, checksums, column++, stride);
            }
            MemorySegment q = run.q();
            if (q != null) {
                checksum.pages(q, checksums, column, stride);
            }
            first += run.stripeCount() * stride;
        }
        return checksums;
    }
}

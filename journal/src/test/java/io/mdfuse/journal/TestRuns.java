package io.mdfuse.journal;

import io.mdfuse.device.Sectors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Requests of which each page is filled with a unique number, and the lines that a scan must find for them. */
final class TestRuns {
    private long nextTag = 1;

    /** A run with the given number of stripes, data slots and parities (0 to 2). */
    StripeRun run(long stripeSector, int stripes, int slots, int parities) {
        List<DataColumn> data = new ArrayList<>();
        for (int slot = 0; slot < slots; slot++) {
            data.add(new DataColumn((slot + 1L) * 1_000_000 * 8 + stripeSector, pages(stripes)));
        }
        @Nullable MemorySegment p = parities > 0 ? pages(stripes) : null;
        @Nullable MemorySegment q = parities > 1 ? pages(stripes) : null;
        return new StripeRun(stripeSector, stripes, data, p, q);
    }

    /** One to three runs; never more than {@code maxSectors} in the log. */
    List<StripeRun> request(Random random, long maxSectors) {
        while (true) {
            List<StripeRun> runs = new ArrayList<>();
            int parities = random.nextInt(3);
            int count = 1 + random.nextInt(3);
            for (int i = 0; i < count; i++) {
                int slots = random.nextInt(parities == 0 ? 1 : 0, 4);
                runs.add(run(8L * random.nextInt(100_000), 1 + random.nextInt(5), slots, parities));
            }
            if (Journal.sectorsFor(runs) <= maxSectors) {
                return runs;
            }
        }
    }

    private MemorySegment pages(int count) {
        MemorySegment pages = MemorySegment.ofArray(new byte[count * Sectors.BLOCK_BYTES]);
        for (int page = 0; page < count; page++) {
            long tag = nextTag++;
            for (int offset = 0; offset < Sectors.BLOCK_BYTES; offset += Long.BYTES) {
                pages.set(ValueLayout.JAVA_LONG_UNALIGNED, (long) page * Sectors.BLOCK_BYTES + offset, tag);
            }
        }
        return pages;
    }

    /** The lines that a scan must find for these runs: see {@link TestLog.Scan}. */
    static List<String> lines(List<StripeRun> runs) {
        List<String> lines = new ArrayList<>();
        for (StripeRun run : runs) {
            for (int stripe = 0; stripe < run.stripeCount(); stripe++) {
                for (DataColumn data : run.data()) {
                    lines.add("data " + (data.arraySector() + 8L * stripe) + " " + content(data.pages(), stripe));
                }
                MemorySegment p = run.p();
                MemorySegment q = run.q();
                if (p != null) {
                    lines.add("parity " + (run.stripeSector() + 8L * stripe) + " " + content(p, stripe)
                            + (q == null ? "" : " " + content(q, stripe)));
                }
            }
        }
        return lines;
    }

    private static String content(MemorySegment pages, int page) {
        return TestLog.content(pages.asSlice((long) page * Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES));
    }
}

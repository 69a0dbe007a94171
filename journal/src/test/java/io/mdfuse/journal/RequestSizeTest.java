package io.mdfuse.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A request never needs more log space than {@link RequestSize} computes. */
class RequestSizeTest {
    private final TestRuns requests = new TestRuns();

    @Test
    void aSingleRunBehindAnEmptyBlockNeedsExactlyTheComputedSpace() throws IOException {
        TestLog log = TestLog.plain(600);
        for (int slots = 0; slots <= 3; slots++) {
            for (int parities = slots == 0 ? 1 : 0; parities <= 2; parities++) {
                for (int stripes : new int[] {1, 2, 46, 48, 49, 96, 97}) {
                    List<StripeRun> runs = List.of(requests.run(0, stripes, slots, parities));
                    try (Journal journal = log.start(TestLog::forgetTail, 0)) {
                        assertNotNull(journal.tryAppend(runs));
                        assertEquals(8 + Journal.sectorsFor(runs), journal.usedSectors());
                    }
                }
            }
        }
    }

    @Test
    void behindAnyOpenMetaBlockARequestNeedsNoMore() throws IOException {
        TestLog log = TestLog.plain(700);
        for (int open = 1; open <= 203; open += 3) {
            for (int parities = 0; parities <= 2; parities++) {
                List<StripeRun> runs = List.of(requests.run(0, 60, 2, parities), requests.run(0, 30, 1, parities));
                try (Journal journal = log.start(TestLog::forgetTail, 0)) {
                    assertNotNull(journal.tryAppend(List.of(requests.run(0, open, 1, 0))));
                    long before = journal.usedSectors();
                    assertNotNull(journal.tryAppend(runs));
                    long took = journal.usedSectors() - before;
                    long pages = 8L * (60 * (2 + parities) + 30 * (1 + parities));
                    assertTrue(took >= pages && took <= Journal.sectorsFor(runs), "open " + open + " took " + took);
                }
            }
        }
    }

    @Test
    void theWidestArrayOfMdFitsAMetaBlock() throws IOException {
        TestLog log = TestLog.plain(600);
        try (Journal journal = log.start(TestLog::forgetTail, 0)) {
            for (List<StripeRun> runs :
                    List.of(List.of(requests.run(0, 1, 202, 1)), List.of(requests.run(0, 1, 201, 2)))) {
                assertNotNull(journal.tryAppend(runs));
            }
            journal.commitAll();
        }
        assertEquals(3, log.scan(0).blocks().size());
    }
}

package io.mdfuse.raid.writepath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.journal.Journal;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.VersionedRuns;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SharedLogTicketTest {
    private final ArrayGeometry geometry =
            new ArrayGeometry(ParityLayout.of(5, 2).orElseThrow(), 3, 64, 64);

    /**
     * With every number of stripes and in any order, the tail passes the append after the last release, not before.
     */
    @Test
    void theLogKeepsTheAppendUntilTheLastStripeReleasesIt() throws IOException {
        for (int stripes = 1; stripes <= 5; stripes++) {
            for (int requestEndsAfter = 0; requestEndsAfter <= stripes; requestEndsAfter++) {
                checkOrder(stripes, requestEndsAfter, new Random(stripes * 31L + requestEndsAfter));
            }
        }
    }

    private void checkOrder(int stripes, int requestEndsAfter, Random random) throws IOException {
        try (Journal journal = Reclaimers.journal()) {
            Reclaimer reclaimer = Reclaimers.of(journal);
            RunWrite run = VersionedRuns.of(geometry, 0, stripes, 1, (byte) 1);
            SharedLogTicket shared = new SharedLogTicket(reclaimer.append(List.of(run.dataOnly())), reclaimer);
            List<Runnable> releases = new ArrayList<>();
            for (int i = 0; i < stripes; i++) {
                releases.add(shared.retain());
            }
            journal.commitAll();
            Collections.shuffle(releases, random);
            releases.add(requestEndsAfter, shared::release);
            for (int done = 0; done < releases.size(); done++) {
                assertEquals(8, journal.checkpoint().sector(), done + " of " + releases.size() + " have released it");
                releases.get(done).run();
            }
            assertTrue(reclaimer.reclaim(0));
            assertEquals(8, journal.usedSectors(), "only the empty block at the tail is left");
        }
    }
}

package io.mdfuse.raid.writepath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogPosition;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.VersionedRuns;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReclaimerTest {
    /**
     * A request that waits for space is notified of every tail move: one once waited for ever, because a reclaim in the
     * background had been faster than the one it had requested itself.
     */
    @Test
    void aReclaimInTheBackgroundNotifiesTheListener() throws IOException {
        try (Journal journal = Reclaimers.journal()) {
            Reclaimer reclaimer = Reclaimers.of(journal);
            int[] notified = new int[1];
            reclaimer.whenTailMoves(() -> notified[0]++);
            ArrayGeometry geometry = new ArrayGeometry(ParityLayout.of(5, 2).orElseThrow(), 3, 64, 64);
            RunWrite run = VersionedRuns.of(geometry, 0, 5, 1, (byte) 1);
            while (notified[0] == 0 && journal.freeSectors() > 0) {
                LogPosition before = journal.checkpoint();
                long usedBefore = journal.usedSectors();
                var ticket = reclaimer.append(List.of(run.dataOnly()));
                journal.commitAll();
                reclaimer.release(ticket);
                assertEquals(notified[0] > 0, journal.usedSectors() <= usedBefore, "from " + before);
            }
            assertEquals(1, notified[0]);
            while (reclaimer.reclaim(0)) {
                notified[0]++;
            }
            int all = notified[0];
            assertFalse(reclaimer.reclaim(0));
            assertEquals(all, notified[0], "the tail has not moved, so no notification");
        }
    }
}

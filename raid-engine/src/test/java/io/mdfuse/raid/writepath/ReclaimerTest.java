package io.mdfuse.raid.writepath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogPosition;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.TestRuns;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReclaimerTest {
    /**
     * Who waits for room sees it come whoever moved the tail: a request waited for ever once, because a reclaim in the
     * background had been faster than the one it had asked for itself.
     */
    @Test
    void aReclaimInTheBackgroundIsTold() throws IOException {
        try (Journal journal = Reclaimers.journal()) {
            Reclaimer reclaimer = Reclaimers.of(journal);
            int[] told = new int[1];
            reclaimer.whenTailMoves(() -> told[0]++);
            ArrayGeometry geometry = new ArrayGeometry(ParityLayout.of(5, 2).orElseThrow(), 3, 64, 64);
            RunWrite run = TestRuns.of(geometry, 0, 5, 1, (byte) 1);
            while (told[0] == 0 && journal.freeSectors() > 0) {
                LogPosition before = journal.checkpoint();
                long usedBefore = journal.usedSectors();
                var ticket = reclaimer.append(List.of(run.dataOnly()));
                journal.commitAll();
                reclaimer.release(ticket);
                assertEquals(told[0] > 0, journal.usedSectors() <= usedBefore, "from " + before);
            }
            assertEquals(1, told[0]);
            while (reclaimer.reclaim(0)) {
                told[0]++;
            }
            int all = told[0];
            assertFalse(reclaimer.reclaim(0));
            assertEquals(all, told[0], "nothing moved, nobody is told");
        }
    }
}

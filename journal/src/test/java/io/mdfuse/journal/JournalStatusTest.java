package io.mdfuse.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Where tail, checkpoint and head are while an append goes through its states; looking at them changes nothing. */
class JournalStatusTest {
    private final TestRuns requests = new TestRuns();

    @Test
    void tailCheckpointAndHeadFollowAnAppend() throws IOException {
        TestLog log = TestLog.plain(20);
        try (Journal journal = log.start(TestLog::forgetTail, 2)) {
            assertEquals(new JournalStatus(160, 8, 16, 16, 24, 0, 0), journal.status());

            LogTicket ticket = append(journal);
            long head = journal.status().headSector();
            assertEquals(16 + journal.usedSectors(), head);
            assertEquals(16, journal.status().checkpointSector());
            assertEquals(0, journal.status().writtenSectors());

            journal.commit(ticket);
            assertEquals(24, journal.status().checkpointSector());
            assertEquals(head - 24, journal.status().writtenSectors());
            assertEquals(1, journal.status().flushes());

            journal.release(ticket);
            JournalStatus released = journal.status();
            assertEquals(released, journal.status());
            journal.reclaimTo(journal.checkpoint());
            assertEquals(head, journal.status().tailSector());
            assertEquals(8, journal.status().usedSectors());
        }
    }

    private LogTicket append(Journal journal) throws IOException {
        return Objects.requireNonNull(journal.tryAppend(List.of(requests.run(0, 2, 1, 1))));
    }
}

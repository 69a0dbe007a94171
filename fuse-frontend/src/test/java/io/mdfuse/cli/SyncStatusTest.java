package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Progress, speed and remaining time of a pass, in the same form for every kind of pass. */
class SyncStatusTest {
    private static String text(String action, String completed, String speed) {
        return SyncStatus.of(Map.of("sync_action", action, "sync_completed", completed, "sync_speed", speed))
                .text();
    }

    @Test
    void progressSpeedAndRemainingTime() {
        for (String action : new String[] {"resync", "recover", "check", "repair"}) {
            assertEquals(
                    "25.0% complete, 10.0 MiB/s of each device, finish in 2:00:00",
                    text(action, "49152000 / 196608000", "10240"));
        }
        assertEquals("25.0% complete", text("resync", "50 / 200", "0"));
    }

    @Test
    void unknownValuesAreOmitted() {
        assertEquals("", text("idle", "none", "none"));
        assertEquals("", text("resync", "none", "none"));
    }

    @Test
    void nothingIsUnderWayWhileRebuildsAreFrozen() {
        assertTrue(SyncStatus.of(Map.of("sync_action", "frozen")).isIdle());
        assertTrue(SyncStatus.of(Map.of("sync_action", "idle")).isIdle());
        assertFalse(SyncStatus.of(Map.of("sync_action", "check")).isIdle());
    }

    @Test
    void aScrubReportsItsMismatches() {
        Map<String, String> now =
                Map.of("sync_action", "check", "sync_completed", "1 / 2", "sync_speed", "none", "mismatch_cnt", "8");
        assertEquals("check: 50.0% complete, mismatch_cnt 8", SyncProgress.line(now));
    }

    @Test
    void aCheckThatWaitsAtItsLimitSaysSo() {
        Map<String, String> now = Map.of(
                "sync_action", "check", "sync_completed", "1024 / 4096", "sync_speed", "500", "sync_max", "1024");
        assertEquals("25.0% complete, waits at sync_max", SyncStatus.of(now).text());
        assertTrue(SyncProgress.obstacle(now).contains("setfattr -n user.md.sync_max -v max"));
        for (Map<String, String> other : List.of(
                Map.of("sync_completed", "512 / 4096"),
                Map.of("sync_max", "max"),
                // A resync does not wait there.
                Map.of("sync_action", "resync"))) {
            Map<String, String> goesOn = new HashMap<>(now);
            goesOn.putAll(other);
            assertFalse(SyncStatus.of(goesOn).waits(), other::toString);
            assertEquals("none", SyncProgress.obstacle(goesOn), other::toString);
        }
    }

    @Test
    void waitSaysHowItEnded() {
        assertEquals("", WaitCommand.verdict("resync", Map.of("sync_trouble", "none", "degraded", "0")));
        assertEquals("; no", WaitCommand.verdict("resync", Map.of("sync_trouble", "no")));
        assertTrue(WaitCommand.verdict("recover", Map.of("degraded", "1")).contains("still degraded: 1"));
        assertEquals(
                "; it stopped at sector 8; mismatch_cnt 16 sectors",
                WaitCommand.verdict("check", Map.of("last_sync_result", "stopped at sector 8", "mismatch_cnt", "16")));
        assertEquals(
                "; the last check failed at sector 8: no; the same command goes on there",
                WaitCommand.verdict(
                        "", Map.of("last_sync_action", "check", "last_sync_result", "failed at sector 8: no")));
        assertEquals("", WaitCommand.verdict("", Map.of("last_sync_action", "check", "last_sync_result", "done")));
        assertEquals("", WaitCommand.verdict("repair", Map.of("last_sync_result", "done", "mismatch_cnt", "16")));
    }
}

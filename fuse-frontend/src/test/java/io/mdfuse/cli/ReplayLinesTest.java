package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayLinesTest {
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private long second;
    private final ReplayLines lines =
            new ReplayLines(new PrintStream(shown, true, StandardCharsets.UTF_8), () -> second * 1_000_000_000L);

    private List<String> shown() {
        return shown.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void aShortReplayShowsNothing() {
        lines.logRead(1 << 20);
        lines.replayed(0, 100);
        second = 1;
        lines.replayed(99, 100);
        assertEquals(List.of(), shown());
    }

    /** The rate of the replay does not count the time in which the log was read. */
    @Test
    void bothStepsSayTheirRateAndTheReplayItsEnd() {
        second = 4;
        lines.logRead(600 << 20);
        second = 10;
        lines.replayed(0, 1000);
        second = 15;
        lines.replayed(200, 1000);
        assertEquals(
                List.of(
                        "mdfuse: reading the journal: 600 MiB, 150 MiB/s",
                        "mdfuse: replaying the journal: 20 % of 1000 stripes, 40 stripes/s, 20 s left"),
                shown());
    }

    @Test
    void theLinesBecomeRarerUntilThereIsOneEachMinute() {
        lines.replayed(0, 1000);
        for (second = 1; second <= 600; second++) {
            lines.replayed(second, 1000);
        }
        // After 2, 6, 14, 30, 62, 122, 182 seconds, and so on.
        assertEquals(13, shown().size());
    }
}

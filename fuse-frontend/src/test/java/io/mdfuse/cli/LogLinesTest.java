package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** What a user sees of the log before a mount can be used, and what the log contains from then on. */
final class LogLinesTest {
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\S+ ";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final LogLines log = new LogLines(new PrintStream(bytes, true, StandardCharsets.UTF_8));

    private List<String> shown() {
        List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
        bytes.reset();
        return lines;
    }

    @Test
    void aStartShowsWhatTheUserMustKnowAndNoMore() {
        log.write(Level.INFO, "RebuildStarted: the resync starts", null);
        log.write(Level.WARN, "mnt was dead", null);
        assertEquals(List.of("mdfuse: mnt was dead"), shown());
    }

    @Test
    void aLogFileHasAllFromTheBeginning() {
        log.write(Level.INFO, "one", null);
        log.write(Level.WARN, "two", null);
        shown();
        log.serve(true);
        log.write(Level.INFO, "three", null);
        List<String> lines = shown();
        assertEquals(3, lines.size());
        assertTrue(lines.get(0).matches(TIME + "INFO one"), lines.get(0));
        assertTrue(lines.get(1).matches(TIME + "WARN two"), lines.get(1));
        assertTrue(lines.get(2).matches(TIME + "INFO three"), lines.get(2));
    }

    @Test
    void aTerminalDoesNotHaveALineTwice() {
        log.write(Level.INFO, "one", null);
        log.write(Level.WARN, "two", null);
        shown();
        log.serve(false);
        List<String> lines = shown();
        assertEquals(1, lines.size());
        assertTrue(lines.getFirst().matches(TIME + "INFO one"), lines.getFirst());
    }

    @Test
    void allModulesLogThroughIt() {
        assertInstanceOf(LineLogger.class, LoggerFactory.getLogger(LogLinesTest.class));
    }
}

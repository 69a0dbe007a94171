package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.event.ArrayEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The user's program for events: its arguments, its time limit, and that the array never waits for it. */
class AlertCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private Path script(String name, String body) throws IOException {
        Path script = directory.resolve(name);
        Files.writeString(script, "#!/bin/sh\n" + body + "\n");
        assertTrue(script.toFile().setExecutable(true));
        return script;
    }

    private List<String> told() throws IOException {
        return Files.readAllLines(directory.resolve("told"));
    }

    private static ArrayEvent event(String name, String device) {
        return ArrayEvent.of(name, Severity.INFO, device, "text; rm -rf $HOME");
    }

    @Test
    void itIsCalledAsMdadmsProgramIs() throws Exception {
        Path script = script(
                "alert",
                "for word; do printf '[%s]' \"$word\"; done >>'" + directory + "/told'; echo >>'" + directory
                        + "/told'");
        AlertCommand alert = new AlertCommand(script, "/mnt/a b/vol", Duration.ofSeconds(60));
        alert.run(event("Fail", "/dev/sd a;$(x)"));
        alert.run(event("NewArray", ""));
        assertEquals(List.of("[Fail][/mnt/a b/vol][/dev/sd a;$(x)]", "[NewArray][/mnt/a b/vol]"), told());
    }

    @Test
    @Timeout(30)
    void oneThatHangsIsKilled() throws Exception {
        Path script = script("alert", "sleep 1000 & wait");
        new AlertCommand(script, "v", Duration.ofMillis(200)).run(event("Fail", "d"));
    }

    @Test
    void aProgramThatCanNotBeExecutedIsRefusedBeforehand() throws IOException {
        Files.writeString(directory.resolve("text"), "no program");
        String searchPath = directory + ":/usr/bin:/bin";
        for (String command :
                List.of(directory + "/text", directory + "/nothing", directory.toString(), "no-such-program-here")) {
            String why = String.valueOf(assertThrows(IOException.class, () -> AlertCommand.find(command, searchPath))
                    .getMessage());
            assertTrue(why.startsWith("--alert " + command + ": "), why);
        }
        assertEquals(Path.of("/usr/bin/env"), AlertCommand.find("env", "/nowhere:/usr/bin"));
        assertEquals(
                script("own", ":"), AlertCommand.find(directory.resolve("own").toString(), ""));
    }

    /** A command that hangs delays neither the emitter nor the end of the process. */
    @Test
    @Timeout(30)
    void nothingWaitsForIt() throws Exception {
        ArrayEvents events = new ArrayEvents();
        Path script = script("alert", "sleep 1000");
        EventDispatcher dispatcher =
                new EventDispatcher(events, "v", new AlertCommand(script, "v", Duration.ofSeconds(5)));
        dispatcher.start();
        for (int i = 0; i < 5000; i++) {
            events.emit(event("Rebuild20", "d"));
        }
        dispatcher.end(Duration.ofMillis(500));
    }

    /** At the end of the mount the command that is running ends, and all that it started. */
    @Test
    @Timeout(30)
    void oneThatHangsEndsWithTheMount() throws Exception {
        ArrayEvents events = new ArrayEvents();
        Path script = script(
                "alert",
                "sleep 1000 & echo $$ $! >'" + directory + "/new'; mv '" + directory + "/new' '" + directory
                        + "/pids'; wait");
        EventDispatcher dispatcher =
                new EventDispatcher(events, "v", new AlertCommand(script, "v", Duration.ofSeconds(60)));
        dispatcher.start();
        events.emit(event("NewArray", ""));
        events.emit(event("Fail", "d"));
        while (!Files.exists(directory.resolve("pids"))) {
            Thread.sleep(10);
        }
        dispatcher.end(Duration.ofMillis(100));
        for (String pid : Files.readString(directory.resolve("pids")).strip().split(" ", -1)) {
            assertTrue(ServerProcess.awaitEnd(Long.parseLong(pid), Duration.ofSeconds(5)), pid);
        }
    }

    @Test
    @Timeout(60)
    void allEventsArriveInTheirOrder() throws Exception {
        ArrayEvents events = new ArrayEvents();
        Path script = script("alert", "echo $1 $3 >>'" + directory + "/told'");
        EventDispatcher dispatcher =
                new EventDispatcher(events, "v", new AlertCommand(script, "v", Duration.ofSeconds(60)));
        events.emit(event("DegradedArray", ""));
        dispatcher.start();
        events.emit(event("Fail", "a"));
        events.emit(event("RebuildStarted", "b"));
        dispatcher.end(Duration.ofSeconds(60));
        assertEquals(List.of("DegradedArray", "Fail a", "RebuildStarted b"), told());
    }
}

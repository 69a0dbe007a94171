package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class MdfuseTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine commandLine = Mdfuse.commandLine();
        commandLine.setOut(new PrintWriter(out));
        commandLine.setErr(new PrintWriter(err));
        return commandLine.execute(args);
    }

    @Test
    void helpAndVersionSucceed() {
        assertEquals(0, run("--help"));
        assertTrue(out.toString().contains("Exit status:"), out.toString());
        assertEquals(0, run("--version"));
        assertTrue(out.toString().contains("mdfuse "), out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void wrongUsageIsOneLineAndStatusTwo() {
        for (String[] args : new String[][] {{}, {"frobnicate"}, {"--nonsense"}}) {
            err.getBuffer().setLength(0);
            assertEquals(2, run(args));
            assertEquals(1, err.toString().lines().count(), err.toString());
            assertTrue(err.toString().startsWith("mdfuse: "), err.toString());
        }
        assertEquals("", out.toString());
    }
}

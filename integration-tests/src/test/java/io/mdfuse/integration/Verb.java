package io.mdfuse.integration;

import io.mdfuse.cli.Mdfuse;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;

/**
 * The program's verbs in the test's own process, for what a test does on the way to what it checks: the start of a Java
 * process costs more than most verbs. A test of a verb's own words or exit status starts {@link Project#mdfuse}.
 */
final class Verb {
    private Verb() {}

    /** Runs {@code mdfuse WORDS} and returns its result; the standard output is not this process's. */
    static Command.Result run(List<?> words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Mdfuse.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        List<String> command = words.stream().map(String::valueOf).toList();
        int status = commandLine.execute(command.toArray(String[]::new));
        return new Command.Result(command, status, out.toString(), err.toString());
    }

    static Command.Result run(Object... words) {
        return run(List.of(words));
    }
}

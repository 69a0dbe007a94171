package io.mdfuse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * What a user sees when something is wrong: one line on standard error, and a status that says whether the words
 * were wrong (2) or the world was (1). A fault of the program itself also shows where it happened, since whoever
 * reports it will be asked.
 */
final class ErrorLines {
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private ErrorLines() {}

    static int usage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        say(command, oneLine(UsageLine.of(e, args)) + " (try: " + name + " --help)");
        return USAGE;
    }

    /** Says what is wrong with the words of a command line, if no parser looked at them. */
    static int usage(CommandLine command, String line) {
        say(command, line);
        return USAGE;
    }

    /** Says what went wrong outside of every command. */
    static int failure(IOException e, CommandLine command) {
        say(command, e);
        return FAILED;
    }

    static int failure(Exception e, CommandLine command, ParseResult parsed) {
        Throwable cause = e.getCause();
        Throwable told = e instanceof UncheckedIOException && cause != null ? cause : e;
        if (told instanceof IOException) {
            say(command, told);
        } else {
            say(command, "internal error: " + oneLine(e.toString()));
            e.printStackTrace(command.getErr());
        }
        return FAILED;
    }

    /** Says what went wrong, where that is all that is to be done about it. */
    static void say(CommandLine command, Throwable failure) {
        say(command, oneLine(failure.getMessage() == null ? failure.toString() : failure.getMessage()));
    }

    private static void say(CommandLine command, String line) {
        PrintWriter err = command.getErr();
        err.println("mdfuse: " + line);
        err.flush();
    }

    private static String oneLine(@Nullable String text) {
        return text == null ? "" : text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}

package io.mdfuse.cli;

import io.mdfuse.device.FileFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * What a user sees of a failure: one line on standard error, and an exit status: 2 if the command line is wrong, 1 if
 * the command was refused or failed. A fault of the program itself also prints its stack trace, which a bug report
 * needs.
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

    /** Prints what is wrong with a command line that the parser has not seen. */
    static int usage(CommandLine command, String line) {
        say(command, line);
        return USAGE;
    }

    /** Prints a failure outside of all commands. */
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

    /** Prints a failure that needs no further handling. */
    static void say(CommandLine command, Throwable failure) {
        String message = failure instanceof FileSystemException file ? FileFailure.line(file) : failure.getMessage();
        say(command, oneLine(message == null ? failure.toString() : message));
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

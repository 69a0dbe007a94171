package io.mdfuse.cli;

import java.io.Console;

/** Whether a person sees the output, so that a line of progress may be overwritten. */
final class Terminal {
    private Terminal() {}

    /** Without a terminal, System.console may be null or not, depending on the console provider of the JDK. */
    @SuppressWarnings("SystemConsoleNull")
    static boolean isThere() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }
}

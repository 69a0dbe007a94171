package io.mdfuse.cli;

import java.io.IOException;

/** The jars that this program was started from. */
final class ProgramFiles {
    private ProgramFiles() {}

    /**
     * Opens every jar, for good. Java opens a jar when it first looks for a class in it, which may be the last moment
     * of a mount. If the program was upgraded or removed meanwhile, the class would be missing, or be that of another
     * version, and the array could not be closed. A jar that is open stays readable after its name is gone.
     */
    static void openAll() throws IOException {
        // A search for what no jar contains ends in the last one.
        ClassLoader.getSystemResources("no jar contains this").asIterator().forEachRemaining(_ -> {});
    }
}

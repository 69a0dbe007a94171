package io.mdfuse.fuse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Catches what a C library prints on standard error between {@link #capture} and {@link #end}, so that its reason
 * becomes part of our one line. Standard error belongs to the whole process: what another thread prints in that time is
 * caught too, so whoever has no use for the words must print them again.
 */
final class NativeErrors {
    private final Path file;
    private final int savedError;

    private NativeErrors(Path file, int savedError) {
        this.file = file;
        this.savedError = savedError;
    }

    static NativeErrors capture() {
        try {
            Path file = Files.createTempFile("mdfuse", ".err");
            int saved = HostCalls.duplicate(StandardStreams.ERR);
            System.err.flush();
            StandardStreams.redirect(StandardStreams.ERR, file);
            return new NativeErrors(file, saved);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts standard error back and gives the words, without blanks around them. Called once. */
    String end() {
        try {
            System.err.flush();
            HostCalls.putBack(savedError, StandardStreams.ERR);
            return Files.readString(file, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            file.toFile().delete();
        }
    }
}

package io.mdfuse.fuse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Catches what a C library prints on standard error between {@link #capture} and {@link #end}, so that its reason
 * becomes part of a one-line message. Standard error belongs to the whole process: output of other threads in that time
 * is caught too, so a caller that does not use the text must print it again.
 */
final class NativeErrors {
    private final Path file;
    private final int savedError;

    private NativeErrors(Path file, int savedError) {
        this.file = file;
        this.savedError = savedError;
    }

    /** The call that mounts; returns null if libfuse refused, having printed the reason on standard error. */
    @FunctionalInterface
    interface Mounting {
        @Nullable
        NativeSession mount();
    }

    /**
     * Mounts with what libfuse prints caught. Words that libfuse prints although it mounts are printed again.
     *
     * @throws MountException if libfuse refused; the message ends with its words
     */
    static NativeSession during(Path mountPoint, Mounting mounting) throws MountException {
        NativeErrors errors = capture();
        NativeSession mounted = null;
        String words;
        try {
            mounted = mounting.mount();
        } finally {
            words = errors.end();
        }
        if (mounted == null) {
            throw new MountException("cannot mount on " + mountPoint + ": " + words);
        }
        if (!words.isEmpty()) {
            System.err.println(words);
        }
        return mounted;
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

    /** Restores standard error and returns the caught text, without surrounding blanks. Call once. */
    String end() {
        try {
            System.err.flush();
            HostCalls.restoreDescriptor(savedError, StandardStreams.ERR);
            return Files.readString(file, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            file.toFile().delete();
        }
    }
}

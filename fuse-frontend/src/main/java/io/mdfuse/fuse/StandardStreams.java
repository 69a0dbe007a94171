package io.mdfuse.fuse;

import io.mdfuse.device.FileFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Detaches a background process from the terminal or pipe that started it.
 *
 * <p>A process that kept its caller's output open would keep a shell's {@code $(…)} waiting for as long as the array is
 * mounted; a process that stayed in the caller's session would be ended with that session.
 */
public final class StandardStreams {
    /** The descriptor of standard output. */
    public static final int OUT = 1;

    /** The descriptor of standard error. */
    public static final int ERR = 2;

    private StandardStreams() {}

    /** Leaves the caller's session: signals of its terminal do not reach this process any more. */
    public static void leaveSession() {
        HostCalls.setsid();
    }

    /** Checks that {@code log} can be appended to, so that a mount is refused before anything else is done. */
    public static void requireWritable(Path log) throws IOException {
        requireText(log);
        String found;
        try {
            Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    .close();
            return;
        } catch (IOException e) {
            found = Files.isDirectory(log) ? "is a directory" : FileFailure.words(e);
        }
        throw new MountException("--log " + log + ": " + found + "; name a file that can be written");
    }

    /** A disk image that is given as the log by mistake must not get lines behind its end: a log has no zero byte. */
    private static void requireText(Path log) throws MountException {
        byte[] start = new byte[4096];
        int length = 0;
        if (Files.isRegularFile(log)) {
            try (InputStream stream = Files.newInputStream(log)) {
                length = stream.readNBytes(start, 0, start.length);
            } catch (IOException e) {
                throw new MountException("the log " + log + " cannot be read: " + e.getMessage());
            }
        }
        for (int i = 0; i < length; i++) {
            if (start[i] == 0) {
                throw new MountException(
                        "--log " + log + ": is no text, so it is no log to append to; name another file");
            }
        }
    }

    /** Redirects descriptor {@code number}: output is appended to {@code target} from now on. */
    public static void redirect(int number, Path target) throws IOException {
        if (!HostCalls.reopenForAppend(number, target.toString())) {
            throw new IOException("cannot write to " + target);
        }
    }
}

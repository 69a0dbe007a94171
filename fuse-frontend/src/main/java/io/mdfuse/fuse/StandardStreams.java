package io.mdfuse.fuse;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;

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
        try (FileOutputStream stream = new FileOutputStream(log.toFile(), true)) {
            stream.flush();
        } catch (IOException e) {
            throw new MountException("the log cannot be written: " + e.getMessage());
        }
    }

    /** Redirects descriptor {@code number}: output is appended to {@code target} from now on. */
    public static void redirect(int number, Path target) throws IOException {
        if (!HostCalls.reopenForAppend(number, target.toString())) {
            throw new IOException("cannot write to " + target);
        }
    }
}

package io.mdfuse.fuse;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A process's ties to the terminal or pipe that started it, and how a background process lets go of them.
 *
 * <p>A process that kept its caller's output open would keep a shell's {@code $(…)} waiting for as long as the array is
 * mounted; one that stayed in its session would be ended with it.
 */
public final class StandardStreams {
    /** Standard output's number. */
    public static final int OUT = 1;

    /** Standard error's number. */
    public static final int ERR = 2;

    private StandardStreams() {}

    /** Leaves the caller's session: no signal of its terminal reaches this process any more. */
    public static void leaveSession() {
        HostCalls.setsid();
    }

    /** Makes sure that {@code log} can be appended to, so that the refusal comes before anything else is done. */
    public static void requireWritable(Path log) throws IOException {
        try (FileOutputStream stream = new FileOutputStream(log.toFile(), true)) {
            stream.flush();
        } catch (IOException e) {
            throw new MountException("the log cannot be written: " + e.getMessage());
        }
    }

    /** From now on what is written to descriptor {@code number} is appended to {@code target}. */
    public static void redirect(int number, Path target) throws IOException {
        if (!HostCalls.reopenForAppend(number, target.toString())) {
            throw new IOException("cannot write to " + target);
        }
    }
}

package io.mdfuse.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Standard output that keeps the reason of a failed write. A {@link PrintWriter} keeps only the fact that a write
 * failed, and a command whose output is lost on a full disk must not end with status 0.
 */
final class StandardOutput extends OutputStream {
    private static final Path LINK = Path.of("/proc/self/fd/1");

    private final OutputStream target;
    private @Nullable IOException failure;

    StandardOutput(OutputStream target) {
        this.target = target;
    }

    /**
     * The standard output of this process, unbuffered: the file behind descriptor 1 may be replaced while the process
     * runs.
     */
    static StandardOutput ofThisProcess() {
        return new StandardOutput(new FileOutputStream(FileDescriptor.out));
    }

    /** The writer for commands to print on, in UTF-8; each printed line is written at once. */
    PrintWriter writer() {
        return new PrintWriter(new OutputStreamWriter(this, StandardCharsets.UTF_8), true);
    }

    /** Why printed text could not be written; null if all of it was. The writer must have been flushed. */
    @Nullable
    IOException failure() {
        return failure;
    }

    /**
     * True if standard output is a pipe: a write to a pipe fails only if its reader has closed it, as {@code head}
     * does.
     */
    static boolean isPipe() {
        try {
            return Files.readSymbolicLink(LINK).toString().startsWith("pipe:");
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            target.write(bytes, offset, length);
        } catch (IOException e) {
            if (failure == null) {
                failure = e;
            }
            throw e;
        }
    }
}

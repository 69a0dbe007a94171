package io.mdfuse.cli;

import io.mdfuse.device.FileFailure;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Image files that are made for a new array. They are sparse: they take space as the array is written. Unless {@link
 * #keep()} was called, closing removes the files that this object made, so that a refused creation leaves none of them;
 * a file that existed before is never removed.
 */
final class ImageFiles implements AutoCloseable {
    private static final long LEAST_JOURNAL_BYTES = 8L << 20;
    private static final long MOST_JOURNAL_BYTES = 1L << 30;

    private final List<Path> made = new ArrayList<>();

    /** The default size of a journal for members of this size, in bytes. */
    static long journalBytes(long memberBytes) {
        long mebibytes = (memberBytes / 16) >> 20;
        return Math.clamp(mebibytes << 20, LEAST_JOURNAL_BYTES, MOST_JOURNAL_BYTES);
    }

    /** Refuses paths that do not exist; the message says how to make the files. */
    static void requireExisting(List<Path> paths) throws IOException {
        List<Path> absent = paths.stream().filter(Files::notExists).toList();
        if (absent.isEmpty()) {
            return;
        }
        for (Path path : absent) {
            requireNoLink(path);
        }
        Path first = absent.getFirst();
        int others = absent.size() - 1;
        String more = others == 0 ? "" : others == 1 ? ", nor does 1 other" : ", nor do " + others + " others";
        throw new IOException(first + ": does not exist" + more
                + (first.startsWith("/dev")
                        ? ""
                        : "; --size makes image files, each of that size, for example --size 1G"));
    }

    /** Makes each file that does not exist. An existing file is not changed, whatever its size. */
    void make(List<Path> paths, long sizeBytes) throws IOException {
        for (Path path : paths) {
            if (Files.isRegularFile(path) && Files.size(path) == 0) {
                throw new IOException(
                        path + ": is empty: it has a size of 0 bytes; remove it, and --size makes it anew");
            }
        }
        for (Path path : paths) {
            if (!Files.exists(path)) {
                make(path, sizeBytes);
            }
        }
    }

    private void make(Path path, long sizeBytes) throws IOException {
        requireNoLink(path);
        try {
            Files.createFile(path);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(path + ": another process has just made it", e);
        } catch (IOException e) {
            throw new IOException(FileFailure.line(path, e), e);
        }
        made.add(path);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(sizeBytes);
        } catch (IOException e) {
            throw new IOException(path + ": cannot be made " + sizeBytes + " bytes long: " + e.getMessage(), e);
        }
    }

    /** A link that leads nowhere is a mistake in the link: no file is made at the place to which it leads. */
    private static void requireNoLink(Path absent) throws IOException {
        if (Files.isSymbolicLink(absent)) {
            throw new IOException(
                    absent + ": " + FileFailure.absent(absent) + "; remove the link, or make what it leads to");
        }
    }

    /** Call when the array was created: closing keeps its files. */
    void keep() {
        made.clear();
    }

    @Override
    public void close() throws IOException {
        for (Path path : made) {
            Files.deleteIfExists(path);
        }
    }
}

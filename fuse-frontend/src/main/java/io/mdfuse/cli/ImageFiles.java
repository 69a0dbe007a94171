package io.mdfuse.cli;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
            if (!Files.exists(path)) {
                make(path, sizeBytes);
            }
        }
    }

    private void make(Path path, long sizeBytes) throws IOException {
        try {
            Files.createFile(path);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(path + ": another process has just made it", e);
        } catch (NoSuchFileException e) {
            throw new IOException(path + ": its directory does not exist", e);
        }
        made.add(path);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(sizeBytes);
        } catch (IOException e) {
            throw new IOException(path + ": cannot be made " + sizeBytes + " bytes long: " + e.getMessage(), e);
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

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
 * Image files that are made for a new array. They are sparse: they take space as the array is written. Unless
 * {@link #keep()} was called, closing removes those that were made here, so that a refused creation leaves nothing
 * behind; a file that was there before is never removed.
 */
final class ImageFiles implements AutoCloseable {
    private static final long LEAST_JOURNAL_BYTES = 8L << 20;
    private static final long MOST_JOURNAL_BYTES = 1L << 30;

    private final List<Path> made = new ArrayList<>();

    /** A sensible journal for members of this size. */
    static long journalBytes(long memberBytes) {
        long mebibytes = (memberBytes / 16) >> 20;
        return Math.clamp(mebibytes << 20, LEAST_JOURNAL_BYTES, MOST_JOURNAL_BYTES);
    }

    /** Refuses files that are not there, and says how they are made. */
    static void requireThere(List<Path> paths) throws IOException {
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

    /** Makes each file that is not there. One that is there stays as it is, whatever its size. */
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
            throw new IOException(path + ": somebody else has just made it", e);
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

    /** The array was created: its files stay. */
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

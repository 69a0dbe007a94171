package io.mdfuse.raid.spec;

import io.mdfuse.device.FileFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** A text file that is replaced as a whole. */
final class DurableText {
    private DurableText() {}

    /**
     * Replaces the file: the text is written beside it with {@code .new} behind its name, flushed, and renamed; then
     * the directory is flushed. After a crash the file is the old one or this one; when this returns it is this one.
     * If the text can't be written, what was written of it is removed.
     *
     * @throws IOException if the text can't be written, or if the name with {@code .new} is that of a file which this
     *     method did not leave there (it begins otherwise); the message names the file
     */
    static void replace(Path file, String text) throws IOException {
        Path next = next(file);
        requireReplaceable(file, text);
        try {
            write(next, text);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            remove(next, e);
            throw new IOException(file + ": can't be replaced: " + FileFailure.words(e), e);
        }
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
                entries.force(true);
            }
        }
    }

    private static Path next(Path file) {
        return file.resolveSibling(file.getFileName() + ".new");
    }

    /**
     * Refuses a file if the name with {@code .new} is taken by anything but what a crash left there of such a text.
     *
     * @param text its first line is what such texts begin with
     */
    static void requireReplaceable(Path file, String text) throws IOException {
        Path next = next(file);
        if (Files.exists(next, LinkOption.NOFOLLOW_LINKS) && !isLeftOf(next, text)) {
            throw new IOException(next + ": exists, and " + file
                    + " is replaced by way of that name: remove it, or give the map another name");
        }
    }

    private static boolean isLeftOf(Path next, String text) throws IOException {
        if (!Files.isRegularFile(next, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        byte[] first = text.substring(0, text.indexOf('\n') + 1).getBytes(StandardCharsets.UTF_8);
        try (InputStream bytes = Files.newInputStream(next, LinkOption.NOFOLLOW_LINKS)) {
            byte[] start = bytes.readNBytes(first.length);
            return Arrays.equals(start, Arrays.copyOf(first, start.length));
        }
    }

    private static void write(Path next, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(
                next,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private static void remove(Path next, IOException why) {
        try {
            if (Files.isRegularFile(next, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(next);
            }
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }
}

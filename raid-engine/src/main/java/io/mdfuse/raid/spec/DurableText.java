package io.mdfuse.raid.spec;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A text file that is replaced as a whole. */
final class DurableText {
    private DurableText() {}

    /**
     * Replaces the file: the text is written beside it with {@code .new} behind its name, flushed, and renamed; then
     * the directory is flushed. After a crash the file is the old one or this one; when this returns it is this one.
     * If the text can't be written, what was written of it is removed.
     */
    static void replace(Path file, String text) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            write(next, text);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            remove(next, e);
            throw e;
        }
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
                entries.force(true);
            }
        }
    }

    private static void write(Path next, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private static void remove(Path next, IOException why) {
        try {
            if (Files.isRegularFile(next)) {
                Files.delete(next);
            }
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }
}

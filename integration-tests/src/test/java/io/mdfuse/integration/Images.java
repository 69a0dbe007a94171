package io.mdfuse.integration;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The image files of one array in one directory.
 *
 * @param directory the directory of the images
 * @param members {@code disk0.img}, {@code disk1.img}, … in order, as far as they exist
 * @param journal {@code journal.img}, or null
 */
record Images(Path directory, List<Path> members, @Nullable Path journal) {
    private static final int MOST_MEMBERS = 32;

    /** The images in {@code directory}. */
    static Images in(Path directory) {
        List<Path> members = new ArrayList<>();
        for (int number = 0; number < MOST_MEMBERS; number++) {
            Path member = directory.resolve("disk" + number + ".img");
            if (Files.exists(member)) {
                members.add(member);
            }
        }
        Path journal = directory.resolve("journal.img");
        return new Images(directory, List.copyOf(members), Files.exists(journal) ? journal : null);
    }

    /** Empty files, sparse, for a new array. */
    static Images blank(Path directory, int memberCount, long memberBytes, long journalBytes) throws IOException {
        Files.createDirectories(directory);
        for (int i = 0; i < memberCount; i++) {
            sparse(directory.resolve("disk" + i + ".img"), memberBytes);
        }
        if (journalBytes > 0) {
            sparse(directory.resolve("journal.img"), journalBytes);
        }
        return in(directory);
    }

    /** Makes an array of all the images, the journal included, with {@code mdfuse create}; returns these images. */
    Images create(int level, String... options) {
        List<Object> words = new ArrayList<>(List.of("create", "--level", level, "--raid-devices", members.size()));
        if (journal != null) {
            words.addAll(List.of("--write-journal", journal));
        }
        words.addAll(List.of(options));
        words.addAll(members);
        Verb.run(words).orFail();
        return this;
    }

    static void sparse(Path file, long lengthBytes) throws IOException {
        try (RandomAccessFile created = new RandomAccessFile(file.toFile(), "rw")) {
            created.setLength(lengthBytes);
        }
    }

    /** Changes one byte of a file directly, without mdfuse or md. */
    static void flip(Path image, long offsetBytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(offsetBytes);
            int old = file.read();
            file.seek(offsetBytes);
            file.write(old ^ 1);
        }
    }

    /** All files, members first, in the order for {@code mdfuse mount}. */
    List<Path> all() {
        List<Path> all = new ArrayList<>(members);
        if (journal != null) {
            all.add(journal);
        }
        return all;
    }

    /** A copy of every image, sparse, in another directory. */
    Images copyTo(Path target) throws IOException {
        Files.createDirectories(target);
        List<String> command = new ArrayList<>(List.of("cp", "--sparse=always"));
        all().forEach(image -> command.add(image.toString()));
        command.add(target.toString());
        Command.run(command).orFail();
        return in(target);
    }

    /** The sha256 of each image by file name: a refused command must not change them. */
    Map<String, String> digests() throws IOException {
        Map<String, String> digests = new LinkedHashMap<>();
        for (Path image : all()) {
            digests.put(String.valueOf(image.getFileName()), Digests.sha256(image));
        }
        return digests;
    }
}

package io.mdfuse.cli;

import io.mdfuse.device.PathBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds arguments that Java could not read. A file's name is bytes, an argument of {@code main} is text in the locale's
 * encoding: bytes that are invalid in that encoding have become a replacement character, and no file has the resulting
 * name.
 */
final class ArgumentText {
    private static final Path OWN_COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final char LAST_ASCII = '~';

    private ArgumentText() {}

    /**
     * One line that says which argument is not text, or that one is empty, and what to do; null if all arguments are
     * text. An empty path would be the working directory.
     */
    static @Nullable String complaint(String[] args) throws IOException {
        if (List.of(args).contains("")) {
            return "an argument is empty, as from a variable without a value: give a name there, or leave it out";
        }
        String here = System.getProperty("user.dir", "");
        if (args.length > 1 && here.indexOf(PathBytes.REPLACEMENT) >= 0 && !Files.exists(Path.of(here))) {
            return "the name of the working directory has bytes that are not " + PathBytes.CHARSET
                    + ", so no relative name is found; work in a directory that has a plain name";
        }
        if (String.join("", args).indexOf(PathBytes.REPLACEMENT) < 0) {
            return null;
        }
        List<byte[]> words = words(Files.readAllBytes(OWN_COMMAND_LINE));
        return complaint(words.subList(Math.max(0, words.size() - args.length), words.size()));
    }

    /** As above, for the arguments as bytes, as the kernel has them. */
    static @Nullable String complaint(List<byte[]> arguments) {
        for (byte[] argument : arguments) {
            if (!PathBytes.isText(argument)) {
                return "the name " + escapedName(argument) + " has bytes that are not " + PathBytes.CHARSET
                        + "; give a symbolic link to it that has a plain name, or the plain name of"
                        + " the directory it is in";
            }
        }
        return null;
    }

    /** Splits a process's command line as /proc shows it: a zero byte ends each argument. */
    static List<byte[]> words(byte[] commandLine) {
        List<byte[]> words = new ArrayList<>();
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        for (byte letter : commandLine) {
            if (letter == 0) {
                words.add(word.toByteArray());
                word.reset();
            } else {
                word.write(letter);
            }
        }
        return words;
    }

    private static String escapedName(byte[] name) {
        StringBuilder text = new StringBuilder();
        for (byte letter : name) {
            if (letter >= ' ' && letter <= LAST_ASCII) {
                text.append((char) letter);
            } else {
                text.append(String.format("\\x%02X", letter));
            }
        }
        return text.toString();
    }
}

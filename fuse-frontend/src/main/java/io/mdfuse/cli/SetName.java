package io.mdfuse.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The name that an array is given, in md's form {@code host:name}. md treats an array whose host is its own as local;
 * so the host is put before the name unless the user gave one, or the name would become too long.
 */
final class SetName {
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final int MOST_BYTES = 32;

    private SetName() {}

    /**
     * The name in md's form.
     *
     * @throws IllegalArgumentException if no array can be found by that name, or if it breaks the lines in which names
     *     are printed; one line says why
     */
    static String of(String name) {
        if (name.substring(name.indexOf(':') + 1).isBlank()) {
            throw new IllegalArgumentException("--name is empty: give a name, or leave --name out for md0");
        }
        name.codePoints().filter(SetName::endsALine).findFirst().ifPresent(letter -> {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "--name has a control character (U+%04X): every line that shows the name would be broken",
                    letter));
        });
        return of(hostName(), name);
    }

    static String of(String host, String name) {
        String full = host + ":" + name;
        boolean plain = host.isEmpty() || name.contains(":");
        return plain || full.getBytes(StandardCharsets.UTF_8).length >= MOST_BYTES ? name : full;
    }

    private static boolean endsALine(int letter) {
        int type = Character.getType(letter);
        return type == Character.CONTROL || type == Character.LINE_SEPARATOR || type == Character.PARAGRAPH_SEPARATOR;
    }

    /** This host's name up to the first dot; empty if it is not known. */
    static String hostName() {
        try {
            String host = Files.readString(HOST_NAME).strip();
            int dot = host.indexOf('.');
            return dot < 0 ? host : host.substring(0, dot);
        } catch (IOException e) {
            // An unknown host name is no reason to refuse: the array's name alone is sufficient.
            return "";
        }
    }
}

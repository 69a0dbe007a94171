package io.mdfuse.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The name that an array is given, in md's form {@code host:name}. md treats an array whose host is its own as local;
 * so the host is put before the name unless the user gave one, or the name would become too long.
 */
final class SetName {
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final int MOST_BYTES = 32;

    private SetName() {}

    static String of(String name) {
        return of(hostName(), name);
    }

    static String of(String host, String name) {
        String full = host + ":" + name;
        boolean plain = host.isEmpty() || name.contains(":");
        return plain || full.getBytes(StandardCharsets.UTF_8).length >= MOST_BYTES ? name : full;
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

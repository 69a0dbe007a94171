package io.mdfuse.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The name that an export may give its map: a new one, or that of an older map of an export. */
final class ExportMap {
    /** The first line of a map that an export has written. */
    static final String TITLE = "Mapfile. Created by mdfuse export";

    private ExportMap() {}

    /** Refuses the name of the copy itself, which the map would replace. */
    static void requireOther(Path map, Path copy) throws IOException {
        boolean same =
                map.toAbsolutePath().normalize().equals(copy.toAbsolutePath().normalize());
        if (same || (Files.exists(map) && Files.exists(copy) && Files.isSameFile(map, copy))) {
            throw new IOException(map + ": the map can't have the same name as the copy: give another name");
        }
    }

    /** Refuses a name under which anything but such a map would be replaced, such as a device of the array. */
    static void requireMayReplace(Path map) throws IOException {
        if (Files.exists(map, LinkOption.NOFOLLOW_LINKS) && !isMap(map)) {
            throw new IOException(map + ": exists, and is not the map of an export: give another name");
        }
    }

    private static boolean isMap(Path map) throws IOException {
        if (!Files.isRegularFile(map)) {
            return false;
        }
        try (BufferedReader lines = Files.newBufferedReader(map, StandardCharsets.ISO_8859_1)) {
            char[] start = new char[TITLE.length() + 2];
            int length = lines.read(start);
            return length > 0 && new String(start, 0, length).equals("# " + TITLE);
        }
    }
}

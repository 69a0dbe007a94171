package io.mdfuse.raid.array.inside;

import java.util.HashSet;
import java.util.Set;

/** The names of the files in one directory: a name that is taken gets {@code ~2}, {@code ~3}, … behind it. */
final class FileNames {
    private final Set<String> taken = new HashSet<>();

    String unique(String wanted) {
        String name = wanted;
        for (int number = 2; !taken.add(name); number++) {
            name = wanted + "~" + number;
        }
        return name;
    }
}

package io.mdfuse.cli;

import io.mdfuse.fuse.Frontend;
import io.mdfuse.fuse.FuseOptionNames;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of {@code mount} that are not options of mdfuse itself: those of {@code -o}, and the devices followed
 * by the mount point.
 */
final class MountArguments {
    private static final String EXAMPLE = "for example: mdfuse mount a.img b.img c.img /mnt/array";

    private MountArguments() {}

    /**
     * The options that the user gave by {@code -o}, without {@code ro}, {@code rw} and {@code frontend=}.
     *
     * @param fuseOptions the options for FUSE
     * @param readOnly what the last of ro and rw says, as with mount(8); null if neither was given
     * @param frontend what the last frontend= says, else the environment; null if neither was given
     */
    record Options(
            List<String> fuseOptions,
            @Nullable Boolean readOnly,
            @Nullable Frontend frontend) {
        private static final String FRONTEND = "frontend=";

        /** Names that other programs use for {@code ro}. */
        private static final Set<String> READ_ONLY = Set.of("rdonly", "readonly", "read-only", "read_only", "r");

        Options {
            fuseOptions = List.copyOf(fuseOptions);
        }

        /**
         * Separates mdfuse's own options from those for FUSE.
         *
         * @throws IllegalArgumentException for an option that neither mdfuse nor FUSE knows, and for an unknown front
         *     end
         */
        static Options of(List<String> lists) {
            List<String> rest = new ArrayList<>();
            Boolean readOnly = null;
            Frontend frontend = Frontend.ofEnvironment();
            for (String list : lists) {
                List<String> kept = new ArrayList<>();
                // FUSE splits at commas too, unless a backslash precedes them.
                for (String word : list.split("(?<!\\\\),", -1)) {
                    if (word.startsWith(FRONTEND)) {
                        frontend = Frontend.of(word.substring(FRONTEND.length()));
                        continue;
                    }
                    switch (word) {
                        case "ro" -> readOnly = true;
                        case "rw" -> readOnly = false;
                        default -> kept.add(requireKnown(word));
                    }
                }
                if (!kept.isEmpty()) {
                    rest.add(String.join(",", kept));
                }
            }
            return new Options(rest, readOnly, frontend);
        }

        private static String requireKnown(String word) {
            if (FuseOptionNames.takes(word)) {
                return word;
            }
            String name = word.replaceFirst("=.*", "");
            String meant = READ_ONLY.contains(name)
                    ? "ro"
                    : NearestWord.to(name, FuseOptionNames.all()).orElse("");
            throw new IllegalArgumentException("there is no option -o " + word
                    + (meant.isEmpty()
                            ? "; -o takes ro, rw and the options of FUSE"
                            : "; did you mean -o " + meant + "?"));
        }
    }

    /**
     * Refuses arguments of which the last can't be a mount point, because the user forgot to give one.
     *
     * @throws IllegalArgumentException with a one-line message that says what is missing
     */
    static void requireMountPoint(List<String> names) {
        Path last = Path.of(names.getLast());
        if (names.size() < 2) {
            throw new IllegalArgumentException(
                    "the array's devices and, as the last argument, a mount point are needed; " + EXAMPLE);
        }
        if (Files.exists(last, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(last)) {
            throw new IllegalArgumentException("the last argument must be the mount point, an empty directory, but "
                    + last + " is " + (Files.isRegularFile(last) ? "a file" : "a device") + "; " + EXAMPLE);
        }
    }
}

package io.mdfuse.fuse;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The options of {@code -o} as libfuse 3 takes them. mdfuse offers the same options with both front ends; see {@link
 * FuseOptionNames}. Those that libfuse 3 does not know fall into three groups:
 *
 * <ul>
 *   <li>those that it leaves to the program: kept in {@code connection}, for {@link Fuse3Connection};
 *   <li>those that have become its only behaviour, such as {@code big_writes}, or that concern what mdfuse does not
 *       have, such as hidden files and remote locks: left out;
 *   <li>{@code atime} and {@code noatime}, which libfuse 3.15 refuses, since the kernel keeps no access time of FUSE:
 *       left out.
 * </ul>
 *
 * @param arguments for {@code fuse_new}, without the program's name
 * @param connection the options that the program carries out, with their values; a value of "" if there is none
 */
record Fuse3Options(List<String> arguments, Map<String, String> connection) {
    private static final Set<String> OF_THE_CONNECTION = Set.of(
            "atomic_o_trunc",
            "congestion_threshold",
            "direct_io",
            "max_background",
            "max_readahead",
            "max_write",
            "sync_read");

    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "async_read",
            "atime",
            "big_writes",
            "hard_remove",
            "intr",
            "intr_signal",
            "large_read",
            "no_remote_flock",
            "no_remote_lock",
            "no_remote_posix_lock",
            "no_splice_move",
            "no_splice_read",
            "no_splice_write",
            "noatime",
            "nonempty",
            "readdir_ino",
            "splice_move",
            "splice_read",
            "splice_write",
            "use_ino");

    /** What libfuse takes, and the connection has to know too. */
    private static final Set<String> OF_BOTH = Set.of("auto_cache", "kernel_cache", "max_read");

    Fuse3Options {
        arguments = List.copyOf(arguments);
        connection = Map.copyOf(connection);
    }

    /** @throws MountException if the value of a number is none */
    static Fuse3Options of(MountOptions options, String volumeName, boolean readOnly) throws MountException {
        List<String> kept = new ArrayList<>();
        Map<String, String> connection = new LinkedHashMap<>();
        for (String list : options.lists(volumeName, readOnly)) {
            for (String word : list.split("(?<!\\\\),", -1)) {
                int equals = word.indexOf('=');
                String name = equals < 0 ? word : word.substring(0, equals);
                String value = equals < 0 ? "" : word.substring(equals + 1);
                if (OF_THE_CONNECTION.contains(name) || OF_BOTH.contains(name)) {
                    if (equals >= 0 && !value.matches("[0-9]{1,9}")) {
                        throw new MountException("-o " + word + ": " + name + " is a number");
                    }
                    connection.put(name, value);
                }
                if (!name.isEmpty() && !OF_THE_CONNECTION.contains(name) && !WITHOUT_EFFECT.contains(name)) {
                    kept.add(word);
                }
            }
        }
        return new Fuse3Options(List.of("-o", String.join(",", kept)), connection);
    }
}

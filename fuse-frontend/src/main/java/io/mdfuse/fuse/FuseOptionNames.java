package io.mdfuse.fuse;

import java.util.Set;
import java.util.TreeSet;

/**
 * The options that {@code -o} takes: those of libfuse 2.9 and fusermount, as their help lists them, {@code ro} and
 * {@code rw}, and {@code frontend}. Both front ends take them all; see {@link Fuse3Options}. libfuse itself refuses an
 * unknown option only when it mounts, after the array has been opened and written to.
 */
public final class FuseOptionNames {
    private static final Set<String> PLAIN = Set.of(
            "allow_other",
            "allow_root",
            "async",
            "async_read",
            "atime",
            "atomic_o_trunc",
            "auto_cache",
            "auto_unmount",
            "big_writes",
            "debug",
            "default_permissions",
            "dev",
            "direct_io",
            "dirsync",
            "exec",
            "hard_remove",
            "intr",
            "kernel_cache",
            "large_read",
            "no_remote_flock",
            "no_remote_lock",
            "no_remote_posix_lock",
            "no_splice_move",
            "no_splice_read",
            "no_splice_write",
            "noatime",
            "noauto_cache",
            "nodev",
            "noexec",
            "noforget",
            "nonempty",
            "nosuid",
            "readdir_ino",
            "ro",
            "rw",
            "splice_move",
            "splice_read",
            "splice_write",
            "suid",
            "sync",
            "sync_read",
            "use_ino");

    private static final Set<String> WITH_VALUE = Set.of(
            "ac_attr_timeout",
            "attr_timeout",
            "congestion_threshold",
            "context",
            "defcontext",
            "entry_timeout",
            "frontend",
            "fscontext",
            "fsname",
            "gid",
            "intr_signal",
            "max_background",
            "max_read",
            "max_readahead",
            "max_write",
            "modules",
            "negative_timeout",
            "remember",
            "rootcontext",
            "subtype",
            "uid",
            "umask");

    private FuseOptionNames() {}

    /** All option names, in order; those that take a value end in an equals sign. */
    public static Set<String> all() {
        Set<String> words = new TreeSet<>(PLAIN);
        WITH_VALUE.forEach(word -> words.add(word + "="));
        return words;
    }

    /** True if the mount takes this option with its value. An empty option, as between two commas, is taken. */
    public static boolean takes(String word) {
        int equals = word.indexOf('=');
        return equals < 0 ? word.isEmpty() || PLAIN.contains(word) : WITH_VALUE.contains(word.substring(0, equals));
    }
}

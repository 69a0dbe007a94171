package io.mdfuse.fuse;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to mount.
 *
 * @param threads how many requests are served at once: 1 to 256
 * @param userOptions the options that the user gave by {@code -o}, in order; they come after mdfuse's own and so
 *     override them
 * @param frontend null for the first one whose library is installed
 */
public record MountOptions(
        int threads, List<String> userOptions, @Nullable Frontend frontend) {
    /**
     * Enough requests in flight for local disks, and for one flush of the journal to serve many writers. The kernel
     * wakes the thread that slept longest, so more threads than needed only evict each other's buffers from the
     * processor's cache: random writes of 4 KiB, 16 at once, to a journaled array were faster by 1.6 with 16 threads
     * than with 8, and by 1.4 with 32.
     */
    public static final int DEFAULT_THREADS = 16;

    /** With more threads than this, threads would wait for each other, not for disks. */
    public static final int MAX_THREADS = 256;

    /** The subtype after {@code fuse.} in the mount table's type column, which identifies mounts of mdfuse. */
    static final String SUBTYPE = "mdfuse";

    public MountOptions {
        if (threads < 1 || threads > MAX_THREADS) {
            throw new IllegalArgumentException("threads must be 1 to " + MAX_THREADS + ", not " + threads);
        }
        userOptions = List.copyOf(userOptions);
    }

    /** No options of the user, and the front end that the environment asks for. */
    public MountOptions(int threads, List<String> userOptions) {
        this(threads, userOptions, Frontend.ofEnvironment());
    }

    /** The default number of threads, and no options of the user. */
    public static MountOptions usual() {
        return new MountOptions(DEFAULT_THREADS, List.of());
    }

    /** True if the user accepts that the mount hides the content of the directory. */
    boolean allowsNonEmpty() {
        return userOptions.stream()
                .anyMatch(list -> List.of(list.split(",", -1)).contains("nonempty"));
    }

    /**
     * The arguments for libfuse 2, without {@code -f} and the mount point.
     *
     * <p>{@code big_writes}: without it the kernel sends buffered writes in pieces of 4 KiB. {@code max_background}:
     * how many read-ahead requests may be in flight, 12 by default. {@code default_permissions}: the kernel enforces
     * the file's mode, which with allow_other is the only access control. {@code noforget}: libfuse never drops the
     * number of the file, so that {@link PageCache} can use it.
     */
    List<String> toArguments(String volumeName, boolean readOnly) {
        List<String> arguments = new ArrayList<>();
        lists(volumeName, readOnly).forEach(list -> arguments.addAll(List.of("-o", list)));
        return arguments;
    }

    /** The values of all {@code -o}, mdfuse's own first, each a list of options with commas between. */
    List<String> lists(String volumeName, boolean readOnly) {
        List<String> options = new ArrayList<>(List.of(
                "big_writes",
                "max_background=64",
                "default_permissions",
                "noforget",
                "subtype=" + SUBTYPE,
                "fsname=mdfuse:" + escaped(volumeName)));
        if (readOnly) {
            options.add("ro");
        }
        List<String> lists = new ArrayList<>(List.of(String.join(",", options)));
        lists.addAll(userOptions);
        return lists;
    }

    /** libfuse splits its options at commas unless a backslash precedes them. */
    private static String escaped(String volumeName) {
        return volumeName.replace("\\", "\\\\").replace(",", "\\,");
    }
}

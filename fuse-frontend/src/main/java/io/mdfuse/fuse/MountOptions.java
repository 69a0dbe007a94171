package io.mdfuse.fuse;

import java.util.ArrayList;
import java.util.List;

/**
 * How to mount.
 *
 * @param threads how many requests are served at once: 1 to 256
 * @param userOptions what the user gave by {@code -o}, in order; they come after ours, so they win
 */
public record MountOptions(int threads, List<String> userOptions) {
    /**
     * Enough requests in flight for local disks. Each thread has a buffer of 132 KiB and the kernel wakes the one that
     * slept longest, so more threads than are needed only push each other's buffers out of the processor's cache.
     */
    public static final int DEFAULT_THREADS = 8;

    /** More threads than this wait for each other, not for disks. */
    public static final int MAX_THREADS = 256;

    /** What follows {@code fuse.} in the mount table's type column: by it a mount is known as ours. */
    static final String SUBTYPE = "mdfuse";

    public MountOptions {
        if (threads < 1 || threads > MAX_THREADS) {
            throw new IllegalArgumentException("threads must be 1 to " + MAX_THREADS + ", not " + threads);
        }
        userOptions = List.copyOf(userOptions);
    }

    /** The usual number of threads, and no options but ours. */
    public static MountOptions usual() {
        return new MountOptions(DEFAULT_THREADS, List.of());
    }

    /** True where the user accepts that a mount hides what the directory holds. */
    boolean allowsNonEmpty() {
        return userOptions.stream()
                .anyMatch(list -> List.of(list.split(",", -1)).contains("nonempty"));
    }

    /**
     * The arguments for libfuse, {@code -f} and the mount point aside.
     *
     * <p>{@code big_writes}: without it the kernel sends buffered writes in pieces of 4 KiB. {@code max_background}:
     * how many read-ahead requests may be in flight, 12 by default. {@code default_permissions}: the kernel holds users
     * to the file's mode, which with allow_other is all that holds them. {@code noforget}: libfuse keeps the number of
     * the file for good, so that {@link PageCache} can name it.
     */
    List<String> toArguments(String volumeName, boolean readOnly) {
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
        List<String> arguments = new ArrayList<>(List.of("-o", String.join(",", options)));
        userOptions.forEach(list -> arguments.addAll(List.of("-o", list)));
        return arguments;
    }

    /** libfuse splits its options at commas unless a backslash stands before them. */
    private static String escaped(String volumeName) {
        return volumeName.replace("\\", "\\\\").replace(",", "\\,");
    }
}

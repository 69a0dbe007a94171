package io.mdfuse.cli;

import io.mdfuse.raid.array.Volume;
import io.mdfuse.raid.array.content.VolumeContent;
import io.mdfuse.raid.array.overlay.OverlayVolume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the writes to an array that is open read-only go: the value of {@code --overlay}.
 *
 * @param kind which of the four values
 * @param limitBytes for MEMORY: the largest size of the overlay; 0 for {@link #memoryLimitBytes()}
 * @param file for FILE: the file to make
 */
record OverlayChoice(Kind kind, long limitBytes, @Nullable Path file) {
    enum Kind {
        /** A small overlay in memory if the volume contains a file system whose log must be replayed, else none. */
        AUTO,
        NONE,
        MEMORY,
        FILE
    }

    static final OverlayChoice AUTO = new OverlayChoice(Kind.AUTO, 0, null);

    /**
     * Space beyond twice the log's length: for orphans that are deleted after the replay, and for a log of unknown
     * length.
     */
    private static final long BESIDE_LOG_BYTES = 64L << 20;

    private static final long LEAST_MEMORY_BYTES = 1L << 20;

    /** The largest overlay whose blocks the heap can keep account of. */
    private static final long MOST_MEMORY_BYTES = 2L << 30;

    private static final String MEMORY_WITH_LIMIT = "memory:";

    /** Parses the option's value; a file with the name of one of the other values must be given with its directory. */
    static OverlayChoice parse(String word) {
        return switch (word) {
            case "auto" -> AUTO;
            case "none" -> new OverlayChoice(Kind.NONE, 0, null);
            case "memory" -> new OverlayChoice(Kind.MEMORY, 0, null);
            default ->
                word.startsWith(MEMORY_WITH_LIMIT)
                        ? new OverlayChoice(Kind.MEMORY, limit(word.substring(MEMORY_WITH_LIMIT.length())), null)
                        : new OverlayChoice(Kind.FILE, 0, Path.of(word));
        };
    }

    private static long limit(String size) {
        long bytes = SizeConverter.parse(size);
        if (bytes < LEAST_MEMORY_BYTES || bytes > MOST_MEMORY_BYTES) {
            throw new IllegalArgumentException(
                    "--overlay memory:SIZE is 1M to 2G, not " + size + "; a FILE can hold more");
        }
        return bytes;
    }

    /** True if the user asked for an overlay, so that the devices must be opened read-only. */
    boolean isRequested() {
        return kind == Kind.MEMORY || kind == Kind.FILE;
    }

    /**
     * The choice for each of several volumes at once: they share the memory.
     *
     * @throws IOException for FILE, since one file holds the writes to one volume
     */
    OverlayChoice sharedBy(int volumes) throws IOException {
        if (kind == Kind.FILE) {
            throw new IOException("--overlay " + file + " holds the writes to one volume, and --volumes serves several:"
                    + " say --overlay memory");
        }
        if (kind != Kind.MEMORY) {
            return this;
        }
        long all = limitBytes == 0 ? memoryLimitBytes() : limitBytes;
        return new OverlayChoice(kind, Math.max(LEAST_MEMORY_BYTES, all / volumes & -LEAST_MEMORY_BYTES), null);
    }

    /** The overlay over a read-only volume; empty if the volume is to stay read-only. */
    Optional<OverlayVolume> over(Volume volume, Optional<VolumeContent> content) throws IOException {
        return switch (kind) {
            case NONE -> Optional.empty();
            case AUTO ->
                content.filter(each -> each.log() == VolumeContent.Log.TO_BE_REPLAYED)
                        .map(each -> OverlayVolume.inMemory(volume, replayLimitBytes(each)));
            case MEMORY ->
                Optional.of(OverlayVolume.inMemory(volume, limitBytes == 0 ? memoryLimitBytes() : limitBytes));
            case FILE -> Optional.of(OverlayVolume.inFile(volume, Objects.requireNonNull(file)));
        };
    }

    /** A replay writes each block of the log to its final location once, and then fills the log at most once more. */
    private static long replayLimitBytes(VolumeContent content) {
        return Math.min(2 * content.logBytes() + BESIDE_LOG_BYTES, memoryLimitBytes());
    }

    /** Half of the memory that the machine has available now, in whole MiB, at most 2 GiB. */
    private static long memoryLimitBytes() {
        return Math.clamp((availableBytes() / 2) & -(1L << 20), LEAST_MEMORY_BYTES, MOST_MEMORY_BYTES);
    }

    private static long availableBytes() {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/meminfo"), StandardCharsets.US_ASCII);
            for (String line : lines) {
                if (line.startsWith("MemAvailable:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
                }
            }
        } catch (IOException unknown) {
            // Without /proc the smallest limit is used.
            return 0;
        }
        return 0;
    }
}

package io.mdfuse.integration;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes random extents of the pattern to a volume, with an fsync from time to time, until the volume fails or enough
 * is written. Several of them share a volume by zones: writer w of n owns every n-th zone. Zones are shorter than a
 * chunk row, so neighbouring writers write to the same stripes, but never to the same sector.
 */
final class PatternWriter implements Runnable {
    /** The length of a zone, a small fraction of a chunk row of the arrays in the tests. */
    static final int ZONE_BYTES = 64 << 10;

    /**
     * The pattern of a writer's writes.
     *
     * @param alignmentBytes of each extent's start and length
     * @param writesPerFlush how many writes precede an fsync
     * @param maxWrites the number of writes after which the writer ends
     */
    record Style(int alignmentBytes, int writesPerFlush, int maxWrites) {}

    private final Path volume;
    private final WorkPattern pattern;
    private final Style style;
    private final AtomicLong nextGeneration;
    private final int index;
    private final int writers;
    private final Random random;
    private final WriteLog log = new WriteLog();
    private volatile @Nullable IOException stoppedBy;

    /** @param nextGeneration shared by all writers of a volume, so that every write has its own number */
    PatternWriter(
            Path volume,
            WorkPattern pattern,
            Style style,
            AtomicLong nextGeneration,
            int index,
            int writers,
            long randomSeed) {
        this.volume = volume;
        this.pattern = pattern;
        this.style = style;
        this.nextGeneration = nextGeneration;
        this.index = index;
        this.writers = writers;
        this.random = new Random(randomSeed);
    }

    WriteLog log() {
        return log;
    }

    /** Why the writer ended before it was done; null if nothing has failed so far. */
    @Nullable
    IOException stoppedBy() {
        return stoppedBy;
    }

    /** Fills a whole volume with generation 0 and flushes it. */
    static void fill(Path volume, WorkPattern pattern) throws IOException {
        try (FileChannel channel = FileChannel.open(volume, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long end = channel.size();
            ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
            for (long at = 0; at < end; at += buffer.limit()) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
                pattern.fill(buffer, at, 0);
                writeFully(channel, buffer.flip(), at);
            }
            channel.force(true);
        }
    }

    /** Writes until the volume no longer answers, as in a crash, or until all writes are done. */
    @Override
    public void run() {
        try (FileChannel channel = FileChannel.open(volume, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long zones = channel.size() / ZONE_BYTES;
            ByteBuffer buffer = ByteBuffer.allocateDirect(ZONE_BYTES);
            for (int i = 1; i <= style.maxWrites(); i++) {
                long generation = writeOne(channel, buffer, zones);
                if (i % style.writesPerFlush() == 0) {
                    channel.force(true);
                    log.flushed(generation);
                }
            }
        } catch (IOException e) {
            // The server was killed, or the volume failed: the caller knows which was expected.
            stoppedBy = e;
        }
    }

    private long writeOne(FileChannel channel, ByteBuffer buffer, long zones) throws IOException {
        long owned = (zones - index + writers - 1) / writers;
        long zone = random.nextLong(owned) * writers + index;
        int units = ZONE_BYTES / style.alignmentBytes();
        int start = random.nextInt(units);
        int length = 1 + random.nextInt(units - start);
        long offsetBytes = zone * ZONE_BYTES + (long) start * style.alignmentBytes();
        long generation = nextGeneration.getAndIncrement();
        buffer.clear().limit(length * style.alignmentBytes());
        pattern.fill(buffer, offsetBytes, generation);
        log.issue(new WriteLog.Write(generation, offsetBytes, buffer.limit()));
        writeFully(channel, buffer.flip(), offsetBytes);
        return generation;
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer, long offsetBytes) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer, offsetBytes + buffer.position());
        }
    }
}

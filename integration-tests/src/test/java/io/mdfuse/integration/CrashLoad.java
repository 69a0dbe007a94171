package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Load on a mounted array that ends when the server is killed. The seed in a failure's message replays the load, though
 * not the instant of the crash.
 */
final class CrashLoad {
    private static final int WRITERS = 3;
    private static final int MAX_WRITES = 100_000;

    private final WorkPattern pattern;
    private final Random random;
    private final AtomicLong nextGeneration = new AtomicLong(1);

    CrashLoad(long seed) {
        this.pattern = new WorkPattern(seed);
        this.random = new Random(seed);
    }

    WorkPattern pattern() {
        return pattern;
    }

    /**
     * Writes with several threads for a short random time, kills the server during the writes, and returns the threads'
     * logs.
     */
    List<WriteLog> runAndKill(MountedArray array) throws IOException {
        List<PatternWriter> writers = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            PatternWriter.Style style = new PatternWriter.Style(i == 0 ? 512 : 4096, 1 + random.nextInt(8), MAX_WRITES);
            PatternWriter writer =
                    new PatternWriter(array.volume(), pattern, style, nextGeneration, i, WRITERS, random.nextLong());
            writers.add(writer);
            threads.add(Thread.ofPlatform().name("writer-" + i).start(writer));
        }
        try {
            TimeUnit.MILLISECONDS.sleep(150 + random.nextInt(500));
            for (PatternWriter writer : writers) {
                assertNull(writer.stoppedBy(), "the volume failed before its plug was pulled");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted under load", e);
        } finally {
            array.kill();
        }
        join(threads);
        return writers.stream().map(PatternWriter::log).toList();
    }

    private static void join(List<Thread> threads) throws IOException {
        try {
            for (Thread thread : threads) {
                if (!thread.join(Command.LIMIT)) {
                    throw new IOException(thread.getName() + " hangs on a volume that is gone");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the writers end", e);
        }
    }
}

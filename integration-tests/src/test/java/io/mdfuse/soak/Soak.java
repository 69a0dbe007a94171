package io.mdfuse.soak;

import io.mdfuse.device.Access;
import io.mdfuse.device.FileDevice;
import io.mdfuse.raid.writepath.LogNeeds;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Random writes through a mount in write-back mode, with the smallest journal that create makes and the smallest cache.
 * The load must not stall, every block must contain what was written last, and the memory use of the process must be
 * stable. {@code scripts/soak.sh} or a test mounts and unmounts.
 */
public final class Soak {
    private static final int WRITERS = 6;
    private static final int SAMPLES = 60;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    /** The number of members of the array. */
    public static final int MEMBERS = 4;

    private final Path volume;
    private final long serverPid;
    private final PrintStream out;
    private final AtomicLong writes = new AtomicLong();
    private final List<SoakWriter> writers = new ArrayList<>();
    private final List<MemoryUse> uses = new ArrayList<>();

    /** For a mounted volume of zeros. */
    public Soak(Path volume, long volumeBytes, long serverPid, PrintStream out) {
        this.volume = volume;
        this.serverPid = serverPid;
        this.out = out;
        for (int number = 0; number < WRITERS; number++) {
            writers.add(new SoakWriter(volumeBytes, number, WRITERS, writes));
        }
    }

    /** The size of a device for the smallest journal, in bytes. */
    public static long smallestJournalBytes() {
        return (1L << 20) + 512 * new LogNeeds(MEMBERS, 1).leastSectorsToCreate();
    }

    /**
     * Runs the load for that long, then checks every block.
     *
     * @throws IOException if a block has the wrong content, a write failed, or no write was completed for a minute
     * @throws InterruptedException if the thread was interrupted
     */
    public void run(Duration length) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        long end = begin + length.toNanos();
        // Past the kernel's page cache, so that reads are served by the array.
        try (FileDevice device = FileDevice.open(volume, Access.READ_WRITE, true);
                ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
            List<Future<?>> ends = new ArrayList<>();
            for (SoakWriter writer : writers) {
                ends.add(threads.submit(() -> {
                    writer.run(device, () -> System.nanoTime() < end);
                    return null;
                }));
            }
            try {
                watch(begin, length, ends);
            } catch (IOException e) {
                threads.shutdownNow();
                throw e;
            }
        }
        verify();
        out.printf("verified: %d writers' blocks, after %d writes%n", WRITERS, writes.get());
    }

    private void watch(long begin, Duration length, List<Future<?>> ends) throws IOException, InterruptedException {
        out.printf("%8s %12s %10s %12s %12s%n", "second", "writes", "per second", "heap KiB", "RSS KiB");
        long pauseMillis = Math.max(500, length.toMillis() / SAMPLES);
        long lastWrites = 0;
        long lastMoved = System.nanoTime();
        long lastSample = begin;
        while (!ends.stream().allMatch(Future::isDone)) {
            Thread.sleep(pauseMillis);
            requireSound(ends);
            long now = System.nanoTime();
            long soFar = writes.get();
            lastMoved = soFar != lastWrites ? now : lastMoved;
            if (now - lastMoved > LONGEST_PAUSE.toNanos()) {
                throw new IOException("nothing was written for " + LONGEST_PAUSE);
            }
            MemoryUse use = MemoryUse.of(serverPid, TimeUnit.NANOSECONDS.toSeconds(now - begin));
            uses.add(use);
            double seconds = (now - lastSample) / 1e9;
            out.printf(
                    "%8d %12d %10.0f %12d %12d%n",
                    use.second(), soFar, (soFar - lastWrites) / seconds, use.heapKib(), use.residentKib());
            lastWrites = soFar;
            lastSample = now;
        }
        requireSound(ends);
    }

    private static void requireSound(List<Future<?>> ends) throws IOException {
        for (Future<?> end : ends) {
            if (end.state() == Future.State.FAILED) {
                throw new IOException(end.exceptionNow());
            }
        }
    }

    /** Checks every block. */
    public void verify() throws IOException {
        try (FileDevice device = FileDevice.open(volume, Access.READ_ONLY, true)) {
            for (SoakWriter writer : writers) {
                writer.verifyAll(device);
            }
        }
    }

    /** The number of completed writes. */
    public long writes() {
        return writes.get();
    }

    /** Whether the size of the Java objects in use is stable over the second half. */
    public boolean heapIsFlat() {
        return MemoryUse.isFlat(uses, MemoryUse::heapKib);
    }

    /**
     * Whether the memory of the complete process is stable; in a short run Java still compiles code, which takes
     * memory.
     */
    public boolean residentIsFlat() {
        return MemoryUse.isFlat(uses, MemoryUse::residentKib);
    }

    /** The largest memory use of the process. */
    public long mostResidentKib() {
        return uses.stream().mapToLong(MemoryUse::residentKib).max().orElse(0);
    }

    /** Usage: Soak MOUNTPOINT PID SECONDS; or, without arguments, prints the size of the smallest journal's device. */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length == 0) {
            System.out.println(smallestJournalBytes());
            return;
        }
        Path file;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(args[0]))) {
            file = files.iterator().next();
        }
        Soak soak = new Soak(file, Files.size(file), Long.parseLong(args[1]), System.out);
        soak.run(Duration.ofSeconds(Long.parseLong(args[2])));
        if (!soak.heapIsFlat() || !soak.residentIsFlat()) {
            System.out.println("the memory is not flat");
            System.exit(1);
        }
        System.out.println("the memory is flat");
    }
}

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
 * It must not stand still, every block must hold what was written last, and the memory of the process must stay as it
 * is. The mount and its end are {@code scripts/soak.sh}'s, or a test's.
 */
public final class Soak {
    private static final int WRITERS = 6;
    private static final int SAMPLES = 60;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    /** How many members the array has. */
    public static final int MEMBERS = 4;

    private final Path volume;
    private final long serverPid;
    private final PrintStream out;
    private final AtomicLong writes = new AtomicLong();
    private final List<SoakWriter> writers = new ArrayList<>();
    private final List<MemoryUse> uses = new ArrayList<>();

    /** Looks at a volume of zeros that is mounted. */
    public Soak(Path volume, long volumeBytes, long serverPid, PrintStream out) {
        this.volume = volume;
        this.serverPid = serverPid;
        this.out = out;
        for (int number = 0; number < WRITERS; number++) {
            writers.add(new SoakWriter(volumeBytes, number, WRITERS, writes));
        }
    }

    /** How long the device must be that becomes the smallest journal. */
    public static long smallestJournalBytes() {
        return (1L << 20) + 512 * new LogNeeds(MEMBERS, 1).leastSectorsToCreate();
    }

    /**
     * Keeps the load up for so long, then looks at every block.
     *
     * @throws IOException where a block held something else, a write failed, or nothing moved for a minute
     * @throws InterruptedException where somebody wants it to end
     */
    public void run(Duration length) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        long end = begin + length.toNanos();
        // Past the kernel's page cache, so that what is read comes from the array.
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

    /** Looks at every block. */
    public void verify() throws IOException {
        try (FileDevice device = FileDevice.open(volume, Access.READ_ONLY, true)) {
            for (SoakWriter writer : writers) {
                writer.verifyAll(device);
            }
        }
    }

    /** How many writes were answered. */
    public long writes() {
        return writes.get();
    }

    /** Whether the Java objects in use have not grown over the second half. */
    public boolean heapIsFlat() {
        return MemoryUse.isFlat(uses, MemoryUse::heapKib);
    }

    /** Whether the process as a whole has not; in a short run its code is still being compiled, which takes memory. */
    public boolean residentIsFlat() {
        return MemoryUse.isFlat(uses, MemoryUse::residentKib);
    }

    /** The most that the process took. */
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

package io.mdfuse.cli;

import io.mdfuse.raid.statistics.OperationKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Asks a mounted array again and again, on a thread of its own, since a device that hangs may delay an answer: the
 * pages stay in use meanwhile. One thread may call {@link #start} once; any thread may ask for the newest.
 */
final class WatchSampler {
    /** How many samples are kept: three minutes of one each second. */
    private static final int PAST = 180;

    private final MountedVolume volume;
    private final Duration interval;
    private final WatchSample first;
    private final CountDownLatch failed = new CountDownLatch(1);
    private volatile Result newest;

    /**
     * What was found.
     *
     * @param number counts the results
     * @param figures the newest figures
     * @param past the throughput of the last three minutes, the newest last
     * @param atNanos when they were asked for, by System.nanoTime
     * @param failure why there are none after these; null if nothing failed
     */
    record Result(
            long number,
            WatchFigures figures,
            List<Throughput> past,
            long atNanos,
            @Nullable IOException failure) {
        private Result next(WatchFigures next, long nextNanos) {
            List<Throughput> all = new ArrayList<>(past);
            all.add(Throughput.of(next));
            int from = Math.max(0, all.size() - PAST);
            return new Result(number + 1, next, List.copyOf(all.subList(from, all.size())), nextNanos, null);
        }
    }

    /** What was read from and written to the volume, in bytes per second. */
    record Throughput(double read, double written) {
        private static Throughput of(WatchFigures figures) {
            double read = 0;
            double written = 0;
            for (WatchFigures.Operation each : figures.operations()) {
                read += each.kind() == OperationKind.READ ? each.byteRate() : 0;
                written += each.kind() == OperationKind.WRITE ? each.byteRate() : 0;
            }
            return new Throughput(read, written);
        }
    }

    /**
     * Asks for the first time.
     *
     * @throws IOException if the array can't be asked
     */
    WatchSampler(MountedVolume volume, Duration interval) throws IOException {
        this.volume = volume;
        this.interval = interval;
        this.first = WatchSample.of(volume);
        this.newest = new Result(0, WatchComparison.of(first, null), List.of(), System.nanoTime(), null);
    }

    /** Goes on asking, until the array can't be asked any more or the process ends. */
    void start() {
        Thread thread = new Thread(this::run, "mdfuse-sampler");
        thread.setDaemon(true);
        thread.start();
    }

    Result newest() {
        return newest;
    }

    /** Waits until the array can't be asked any more, and returns why. */
    IOException awaitFailure() throws InterruptedException {
        failed.await();
        return Objects.requireNonNull(newest.failure());
    }

    private void run() {
        WatchSample before = first;
        try {
            while (true) {
                Thread.sleep(interval);
                long atNanos = System.nanoTime();
                WatchSample now = WatchSample.of(volume);
                newest = newest.next(WatchComparison.of(now, before), atNanos);
                before = now;
            }
        } catch (IOException e) {
            fail(e);
        } catch (InterruptedException e) {
            fail(new IOException("interrupted", e));
        } catch (RuntimeException e) {
            fail(new IOException("the array's statistics could not be read: " + e.getMessage(), e));
        }
    }

    private void fail(IOException failure) {
        Result last = newest;
        newest = new Result(last.number() + 1, last.figures(), last.past(), last.atNanos(), failure);
        failed.countDown();
    }

    /** The figures of one interval that begins now. */
    static WatchFigures once(MountedVolume volume, Duration interval) throws IOException, InterruptedException {
        WatchSample before = WatchSample.of(volume);
        Thread.sleep(interval);
        return WatchComparison.of(WatchSample.of(volume), before);
    }
}

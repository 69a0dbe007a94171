package io.mdfuse.fuse;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a volume, serves it until it is unmounted or a signal stops the process, and closes it.
 *
 * <p>The Java machine handles the signals: SIGTERM, SIGINT and SIGHUP start its shutdown hooks, which run beside all
 * other threads. The hook of this class ends the mount session, waits until the serving thread has closed the volume,
 * and then halts with that thread's exit status, so that a stop by signal without a failure is a success. The serving
 * thread never calls System.exit before the volume is closed, since System.exit would wait for the hook, which waits
 * for that thread.
 *
 * <p>The hook is registered before the volume is opened. After a signal during the opening, the opening is finished and
 * the volume is closed at once.
 */
public final class VolumeServer {
    /** How long a stop still serves processes that have the file open. */
    public static final Duration GRACE = Duration.ofSeconds(5);

    private static final Duration LINE_INTERVAL = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(VolumeServer.class);

    private final Latch closed = new Latch(1);
    private final RankedLock lock = new RankedLock(LockRank.VOLUME_SERVER);
    private boolean stopRequested;
    private @Nullable MountSession session;
    private volatile int status;

    /** Opens and closes the volume. */
    public interface Source<V> {
        V open() throws IOException;

        /** Called once, after the last request: completes all work and leaves the volume clean. */
        void close(V volume) throws IOException;
    }

    private VolumeServer() {}

    /**
     * Serves a volume as one file until the mount ends; see the method below.
     *
     * @param ready called with the volume once its file is usable
     * @return the process's exit status
     * @throws IOException if opening or mounting failed; then nothing is mounted and nothing is open
     */
    public static <V extends Volume> int serve(
            Source<V> source, Path mountPoint, MountOptions options, Consumer<V> ready) throws IOException {
        return serve(source, volume -> List.of(ServedFile.of(volume)), mountPoint, options, ready);
    }

    /**
     * Serves until the mount ends.
     *
     * @param files the files of what was opened, the array's first
     * @param ready called with what was opened once its files are usable
     * @return the process's exit status: 0 if the volume was closed cleanly, otherwise 1, and the log says why
     * @throws IOException if opening or mounting failed; then nothing is mounted and nothing is open
     */
    public static <V> int serve(
            Source<V> source,
            Function<V, List<ServedFile>> files,
            Path mountPoint,
            MountOptions options,
            Consumer<V> ready)
            throws IOException {
        VolumeServer server = new VolumeServer();
        Thread hook = new Thread(server::stopAndHalt, "mdfuse-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            HostCalls.becomeIoFlusher();
            server.run(source, files, mountPoint, options, ready);
            return server.status;
        } catch (IOException | RuntimeException | Error e) {
            server.status = 1;
            throw e;
        } finally {
            server.closed.countDown();
            forget(hook);
        }
    }

    private <V> void run(
            Source<V> source,
            Function<V, List<ServedFile>> files,
            Path mountPoint,
            MountOptions options,
            Consumer<V> ready)
            throws IOException {
        MountSession.check(mountPoint, options);
        V volume = source.open();
        try {
            MountSession mounted = mount(files.apply(volume), mountPoint, options);
            if (mounted != null) {
                announce(ready, volume, mounted);
                mounted.awaitEnd();
            }
        } finally {
            close(source, volume);
        }
    }

    /** Ends a mount whose start message could not be printed, since its user would not know of it. */
    private static <V> void announce(Consumer<V> ready, V volume, MountSession mounted) {
        try {
            ready.accept(volume);
        } catch (RuntimeException e) {
            mounted.stop(Duration.ZERO);
            throw e;
        }
    }

    private @Nullable MountSession mount(List<ServedFile> files, Path mountPoint, MountOptions options)
            throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            if (!stopRequested) {
                session = MountSession.mount(files, mountPoint, options);
            }
            return session;
        }
    }

    private <V> void close(Source<V> source, V volume) {
        try {
            source.close(volume);
        } catch (IOException e) {
            LOG.error(
                    "the array could not be closed cleanly; it will be recovered when it is mounted next: {}",
                    e.getMessage());
            status = 1;
        } catch (RuntimeException e) {
            LOG.error("the array could not be closed cleanly; it will be recovered when it is mounted next", e);
            status = 1;
        }
    }

    private void stopAndHalt() {
        MountSession serving;
        try (RankedLock.Held _ = lock.acquire()) {
            stopRequested = true;
            serving = session;
        }
        if (serving != null) {
            serving.stop(GRACE);
        }
        while (!closed.await(LINE_INTERVAL)) {
            LOG.warn(
                    "the array is being closed; if a device hangs, kill -9 {} ends this process, and the next mount"
                            + " recovers",
                    ProcessHandle.current().pid());
        }
        Runtime.getRuntime().halt(status);
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // The hook is running; it halts with the status that has been set.
            LOG.debug("stopping by signal");
        }
    }
}

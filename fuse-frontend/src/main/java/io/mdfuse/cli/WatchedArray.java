package io.mdfuse.cli;

import io.mdfuse.fuse.VolumeServer;
import io.mdfuse.raid.array.RaidArray;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An array whose events are passed to its user from when it is served until it is closed. */
final class WatchedArray implements VolumeServer.Source<RaidArray> {
    /** How long the process waits for the last alerts before it ends. */
    static final Duration PATIENCE = Duration.ofSeconds(8);

    private final ArraySource source;
    private final Path mountPoint;
    private final @Nullable Path alertProgram;
    private @Nullable EventDispatcher dispatcher;

    /** @param alertProgram the program to call for each event; null for none */
    WatchedArray(ArraySource source, Path mountPoint, @Nullable Path alertProgram) {
        this.source = source;
        this.mountPoint = mountPoint;
        this.alertProgram = alertProgram;
    }

    @Override
    public RaidArray open() throws IOException {
        return source.open();
    }

    /** Call when the array is served: passes on its events from now on, those of its opening first. */
    void served(RaidArray array) {
        String volume =
                mountPoint.toAbsolutePath().normalize().resolve(array.name()).toString();
        AlertCommand alert = alertProgram == null ? null : new AlertCommand(alertProgram, volume, AlertCommand.LIMIT);
        EventDispatcher started = new EventDispatcher(array.events(), volume, alert);
        dispatcher = started;
        array.announce();
        started.start();
    }

    @Override
    public void close(RaidArray array) throws IOException {
        ArrayEvent end = ArrayEvent.of("DeviceDisappeared", Severity.INFO, "the array is not served any more");
        try {
            source.close(array);
        } catch (IOException | RuntimeException e) {
            end = ArrayEvent.of(
                    "DeviceDisappeared",
                    Severity.CRITICAL,
                    "the array could not be closed cleanly; it will be recovered when it is mounted next: "
                            + e.getMessage());
            throw e;
        } finally {
            EventDispatcher started = dispatcher;
            if (started != null) {
                array.events().emit(end);
                started.end(PATIENCE);
            }
        }
    }
}

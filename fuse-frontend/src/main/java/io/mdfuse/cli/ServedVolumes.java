package io.mdfuse.cli;

import io.mdfuse.fuse.ServedFile;
import io.mdfuse.fuse.VolumeServer;
import io.mdfuse.raid.array.RaidArray;
import io.mdfuse.raid.array.inside.InnerVolume;
import io.mdfuse.raid.array.inside.InnerVolumes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a mount with {@code --volumes} serves: arrays, read-only, and the volumes inside of them, each as a file; above
 * each of them perhaps an overlay of its own. One thread opens and closes.
 */
final class ServedVolumes implements VolumeServer.Source<List<ServedFile>> {
    private final ArraysToServe wanted;
    private final OverlayChoice choice;
    private final Path mountPoint;
    private final @Nullable Path alertProgram;
    private final Map<RaidArray, WatchedArray> watched = new LinkedHashMap<>();
    private final List<ServedInnerVolume> files = new ArrayList<>();
    private @Nullable OpenedArrays arrays;
    private @Nullable InnerVolumes found;

    /** @param alertProgram the program to call for each event of an array; null for none */
    ServedVolumes(ArraysToServe wanted, OverlayChoice choice, Path mountPoint, @Nullable Path alertProgram) {
        this.wanted = wanted;
        this.choice = choice;
        this.mountPoint = mountPoint;
        this.alertProgram = alertProgram;
    }

    @Override
    public List<ServedFile> open() throws IOException {
        OpenedArrays opened = OpenedArrays.open(wanted, this::watch);
        arrays = opened;
        try {
            InnerVolumes inside = InnerVolumes.of(opened.arrays());
            found = inside;
            List<InnerVolume> all = Stream.concat(inside.arrays().stream(), inside.inside().stream())
                    .toList();
            OverlayChoice shared = choice.sharedBy(all.size());
            for (InnerVolume each : all) {
                files.add(ServedInnerVolume.open(each, shared));
            }
            return files.stream().map(ServedInnerVolume::file).toList();
        } catch (IOException | RuntimeException e) {
            close(List.of());
            throw e;
        }
    }

    /** Opens and closes as the array's own source does, with its events passed on once it is served. */
    private VolumeServer.Source<RaidArray> watch(ArraySource source) {
        WatchedArray events = new WatchedArray(source, mountPoint, alertProgram);
        return new VolumeServer.Source<>() {
            @Override
            public RaidArray open() throws IOException {
                RaidArray array = events.open();
                watched.put(array, events);
                return array;
            }

            @Override
            public void close(RaidArray array) throws IOException {
                events.close(array);
            }
        };
    }

    /** Call when the files can be used: passes on the events of the arrays. */
    void served() {
        watched.forEach((array, events) -> events.served(array));
    }

    /** Lines for the user: what was found, what is missing, and how each file is used. */
    List<String> startMessages() {
        List<String> lines = new ArrayList<>(Objects.requireNonNull(arrays).startMessages());
        lines.addAll(Objects.requireNonNull(found).lines());
        int named = 0;
        for (ServedInnerVolume file : files) {
            lines.addAll(file.lines(mountPoint, named < ServedInnerVolume.MOST_NAMED));
            named++;
        }
        return lines;
    }

    @Override
    public void close(List<ServedFile> served) throws IOException {
        try {
            for (ServedInnerVolume each : files) {
                each.close();
            }
        } finally {
            Objects.requireNonNull(arrays).close();
        }
    }
}

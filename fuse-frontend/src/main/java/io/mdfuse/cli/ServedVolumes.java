package io.mdfuse.cli;

import io.mdfuse.fuse.ServedFile;
import io.mdfuse.fuse.VolumeServer;
import io.mdfuse.raid.array.RaidArray;
import io.mdfuse.raid.array.inside.InnerVolume;
import io.mdfuse.raid.array.inside.InnerVolumes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a mount with {@code --volumes} serves: arrays, read-only, and the volumes inside of them, each as a file; above
 * each of them perhaps an overlay of its own. An array that can't be opened is left out with a line, as long as another
 * one can. One thread opens and closes.
 */
final class ServedVolumes implements VolumeServer.Source<List<ServedFile>> {
    /** An open array; {@code watched} closes it. */
    private record Opened(ArraySource source, WatchedArray watched, RaidArray array) {}

    private final ArraysToServe wanted;
    private final OverlayChoice choice;
    private final Path mountPoint;
    private final @Nullable Path alertProgram;
    private final List<Opened> opened = new ArrayList<>();
    private final List<ServedInnerVolume> files = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
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
        try {
            openArrays();
            InnerVolumes inside =
                    InnerVolumes.of(opened.stream().map(Opened::array).toList());
            found = inside;
            List<InnerVolume> all = Stream.concat(inside.arrays().stream(), inside.inside().stream())
                    .toList();
            OverlayChoice shared = choice.sharedBy(all.size());
            for (InnerVolume each : all) {
                files.add(ServedInnerVolume.open(each, shared));
            }
            return files.stream().map(ServedInnerVolume::file).toList();
        } catch (IOException | RuntimeException e) {
            closeAll(e);
            throw e;
        }
    }

    private void openArrays() throws IOException {
        ArraysToServe.Sources sources = wanted.sources();
        notes.addAll(sources.notes());
        IOException failure = null;
        for (ArraySource source : sources.sources()) {
            WatchedArray watched = new WatchedArray(source, mountPoint, alertProgram);
            try {
                opened.add(new Opened(source, watched, watched.open()));
                notes.addAll(source.notes());
            } catch (IOException e) {
                notes.addAll(source.notes());
                notes.add("left out, because it can't be opened: " + e.getMessage());
                failure = failure == null ? e : failure;
            }
        }
        if (opened.isEmpty()) {
            throw Objects.requireNonNull(failure);
        }
    }

    /** Call when the files can be used: passes on the events of the arrays. */
    void served() {
        opened.forEach(each -> each.watched().served(each.array()));
    }

    /** Lines for the user: what was found, what is missing, and how each file is used. */
    List<String> startMessages() {
        List<String> lines = new ArrayList<>(notes);
        for (Opened each : opened) {
            each.array().startMessages().forEach(line -> lines.add(each.array().name() + ": " + line));
            each.array().nameNote().ifPresent(lines::add);
        }
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
        IOException failure = new IOException("could not be closed cleanly");
        closeAll(failure);
        if (failure.getSuppressed().length > 0) {
            throw new IOException(failure.getSuppressed()[0].getMessage(), failure.getSuppressed()[0]);
        }
    }

    /** Closes everything; what fails is added to {@code failure}. */
    private void closeAll(Exception failure) {
        for (ServedInnerVolume each : files) {
            try {
                each.close();
            } catch (IOException | RuntimeException e) {
                failure.addSuppressed(e);
            }
        }
        for (Opened each : opened) {
            try {
                each.watched().close(each.array());
            } catch (IOException | RuntimeException e) {
                failure.addSuppressed(e);
            }
        }
    }
}

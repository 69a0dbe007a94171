package io.mdfuse.cli;

import io.mdfuse.fuse.VolumeServer;
import io.mdfuse.raid.array.RaidArray;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * Several arrays, open for reading. An array that can't be opened is left out with a line, as long as another one can.
 * One thread opens and closes.
 */
final class OpenedArrays {
    private record Opened(VolumeServer.Source<RaidArray> source, RaidArray array) {}

    private final List<Opened> opened = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    private OpenedArrays() {}

    /**
     * Opens.
     *
     * @param around what opens and closes each array, with what else belongs to that
     * @throws IOException if none can be opened: the reason of the first
     */
    static OpenedArrays open(
            ArraysToServe wanted, Function<ArraySource, ? extends VolumeServer.Source<RaidArray>> around)
            throws IOException {
        OpenedArrays arrays = new OpenedArrays();
        ArraysToServe.Sources sources = wanted.sources();
        arrays.notes.addAll(sources.notes());
        IOException failure = null;
        for (ArraySource source : sources.sources()) {
            try {
                arrays.open(source, around.apply(source));
            } catch (IOException e) {
                arrays.notes.add("left out, because it can't be opened: " + e.getMessage());
                failure = failure == null ? e : failure;
            }
        }
        if (arrays.opened.isEmpty()) {
            throw Objects.requireNonNull(failure);
        }
        return arrays;
    }

    private void open(ArraySource source, VolumeServer.Source<RaidArray> around) throws IOException {
        try {
            opened.add(new Opened(around, around.open()));
        } finally {
            notes.addAll(source.notes());
        }
    }

    /** In the order in which they were opened. */
    List<RaidArray> arrays() {
        return opened.stream().map(Opened::array).toList();
    }

    /** Lines for the user: what was found and left out, and what the opening of each array said. */
    List<String> startMessages() {
        List<String> lines = new ArrayList<>(notes);
        for (RaidArray array : arrays()) {
            array.startMessages().forEach(line -> lines.add(array.name() + ": " + line));
            array.nameNote().ifPresent(lines::add);
        }
        return lines;
    }

    /** Closes all; throws the first failure, when the others are closed. */
    void close() throws IOException {
        IOException failure = null;
        for (Opened each : opened.reversed()) {
            try {
                each.source().close(each.array());
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}

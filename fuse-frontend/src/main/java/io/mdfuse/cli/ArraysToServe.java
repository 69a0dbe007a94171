package io.mdfuse.cli;

import io.mdfuse.raid.array.AssembleOptions;
import io.mdfuse.raid.array.AssumedShape;
import io.mdfuse.raid.array.EveryArray;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The arrays of a mount with {@code --volumes}: the one that the user named; or every one that is found, if the user
 * gave devices or a directory and no name.
 *
 * @param requests how many requests each array must be able to serve at once
 * @param assumed the shape of the one array, if the user gives it by hand; else null
 */
record ArraysToServe(
        ArrayChoice choice,
        AssembleOptions options,
        int requests,
        @Nullable AssumedShape assumed) {
    /**
     * What is to be opened, and lines for the user about what was found besides.
     *
     * @param sources at least one
     */
    record Sources(List<ArraySource> sources, List<String> notes) {}

    /** Searches; reads superblocks and partition tables only. */
    Sources sources() throws IOException {
        if (choice.isOfOneArray() || assumed != null) {
            return new Sources(List.of(new ArraySource(choice, null, options, requests, assumed)), List.of());
        }
        EveryArray every = choice.every();
        List<ArraySource> sources = new ArrayList<>();
        for (EveryArray.Devices array : every.served()) {
            sources.add(new ArraySource(new DeviceChoice.Found(array), null, options, requests));
        }
        return new Sources(sources, every.notes());
    }
}

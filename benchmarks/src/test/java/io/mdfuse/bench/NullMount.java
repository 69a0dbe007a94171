package io.mdfuse.bench;

import io.mdfuse.fuse.MountOptions;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Mounts a {@link NullVolume} for the benchmarks, with the same options as an array, until it is unmounted or a signal
 * stops the process. Prints {@code ready} once the file is usable.
 *
 * <p>Usage: {@code NullMount SIZE_BYTES MOUNTPOINT [THREADS]}; the file is called {@code null}.
 */
public final class NullMount {
    private NullMount() {}

    public static void main(String[] arguments) throws IOException {
        NullVolume volume = new NullVolume("null", Long.parseLong(arguments[0]));
        int threads = arguments.length > 2 ? Integer.parseInt(arguments[2]) : MountOptions.DEFAULT_THREADS;
        System.exit(BenchMount.serve(volume, Path.of(arguments[1]), threads));
    }
}

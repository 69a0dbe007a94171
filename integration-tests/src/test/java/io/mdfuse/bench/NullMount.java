package io.mdfuse.bench;

import io.mdfuse.fuse.MountOptions;
import io.mdfuse.fuse.VolumeServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Mounts a {@link NullVolume} for the benchmarks, with the same options as an array, until it is unmounted or the
 * process is told to stop. Prints {@code ready} once the file is usable.
 *
 * <p>Usage: {@code NullMount SIZE_BYTES MOUNTPOINT [THREADS]}; the file is called {@code null}.
 */
public final class NullMount {
    private NullMount() {}

    public static void main(String[] arguments) throws IOException {
        NullVolume volume = new NullVolume("null", Long.parseLong(arguments[0]));
        int threads = arguments.length > 2 ? Integer.parseInt(arguments[2]) : MountOptions.DEFAULT_THREADS;
        System.exit(VolumeServer.serve(
                new Source(volume),
                Path.of(arguments[1]),
                new MountOptions(threads, List.of()),
                mounted -> System.out.println("ready")));
    }

    private record Source(NullVolume volume) implements VolumeServer.Source<NullVolume> {
        @Override
        public NullVolume open() {
            return volume;
        }

        @Override
        public void close(NullVolume open) {}
    }
}

package io.mdfuse.bench;

import io.mdfuse.fuse.MountOptions;
import io.mdfuse.fuse.VolumeServer;
import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Mounts a volume of the benchmarks with the same options as an array. */
final class BenchMount {
    private BenchMount() {}

    /**
     * Serves the volume until it is unmounted or a signal stops the process; prints {@code ready} once the file is
     * usable.
     */
    static int serve(Volume volume, Path mountPoint, int threads) throws IOException {
        return VolumeServer.serve(
                new Source(volume),
                mountPoint,
                new MountOptions(threads, List.of()),
                mounted -> System.out.println("ready"));
    }

    private record Source(Volume volume) implements VolumeServer.Source<Volume> {
        @Override
        public Volume open() {
            return volume;
        }

        @Override
        public void close(Volume open) {}
    }
}

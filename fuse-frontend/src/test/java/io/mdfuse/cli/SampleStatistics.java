package io.mdfuse.cli;

import io.mdfuse.fuse.MemoryVolume;
import io.mdfuse.fuse.Owner;
import io.mdfuse.fuse.VolumeOperations;
import io.mdfuse.raid.statistics.ArrayStatistics;
import io.mdfuse.raid.statistics.CacheFigures;
import io.mdfuse.raid.statistics.JournalFigures;
import io.mdfuse.raid.statistics.MemberFigures;
import io.mdfuse.raid.statistics.OperationKind;
import io.mdfuse.raid.statistics.VolumeCounters;
import io.mdfuse.raid.statistics.WrittenFigures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Statistics as an array in use has them, and the attribute {@code stats} that they become. */
final class SampleStatistics {
    private SampleStatistics() {}

    /** A volume of which three requests were served; the rest is made up. */
    static final class Volume extends MemoryVolume {
        private final VolumeCounters counters = new VolumeCounters();
        private final boolean journaled;

        Volume(boolean journaled) throws IOException {
            super("tank", 1 << 20);
            this.journaled = journaled;
            counters.run(OperationKind.READ, 0, 4096, () -> {});
            counters.run(OperationKind.WRITE, 0, 8192, () -> {});
            counters.run(OperationKind.FLUSH, 0, 0, () -> {});
        }

        /** Counts further requests. */
        VolumeCounters counters() {
            return counters;
        }

        @Override
        public Optional<ArrayStatistics> statistics() {
            return Optional.of(new ArrayStatistics(
                    2_500_000_000L,
                    counters.figures(),
                    List.of(
                            new MemberFigures(0, "/dev/a \"quoted\"", 3, 12288, 5, 20480),
                            new MemberFigures(1, "/dev/b", 4, 16384, 6, 24576)),
                    new WrittenFigures(journaled ? 8192 : 0, 45056, journaled ? 12288 : 0, 7),
                    journaled
                            ? new JournalFigures("/dev/j", 1 << 20, 300 << 10, 900 << 10, 1 << 20, 176 << 10, 12288, 9)
                            : null,
                    journaled ? new CacheFigures(256, 12, 7, 3, 65536) : null));
        }
    }

    /** The value of {@code user.md.stats}. */
    static String attribute(boolean journaled) throws IOException {
        return attribute(new Volume(journaled));
    }

    static String attribute(Volume volume) throws IOException {
        VolumeOperations operations = new VolumeOperations(volume, new Owner(0, 0), InstantSource.system());
        return new String(operations.attribute("/tank", "user.md.stats", 0), StandardCharsets.UTF_8);
    }
}

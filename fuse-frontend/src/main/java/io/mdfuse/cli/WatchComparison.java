package io.mdfuse.cli;

import io.mdfuse.raid.array.DeviceState;
import io.mdfuse.raid.statistics.OperationKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Compares two samples of the same mount: what of it is new makes the rates and latencies of {@link WatchFigures}. */
final class WatchComparison {
    private static final long KIB = 1024;

    private final WatchSample now;
    private final @Nullable ServedStatistics before;
    private final double seconds;

    private WatchComparison(WatchSample now, @Nullable ServedStatistics before, double seconds) {
        this.now = now;
        this.before = before;
        this.seconds = seconds;
    }

    /**
     * The figures of {@code now}.
     *
     * @param before an earlier sample, or null if there is none: then the figures are averages since the opening
     */
    static WatchFigures of(WatchSample now, @Nullable WatchSample before) {
        double age = now.statistics().number("seconds");
        double ageBefore = before == null ? age : before.statistics().number("seconds");
        boolean sameMount = before != null && ageBefore < age;
        double seconds = sameMount ? age - ageBefore : age;
        return new WatchComparison(now, sameMount && before != null ? before.statistics() : null, seconds).figures();
    }

    private WatchFigures figures() {
        ArrayView array = now.array();
        return new WatchFigures(
                String.valueOf(now.file().getFileName()),
                now.file().toString(),
                shape(),
                new DetailReport(now.file(), 0, array).state(),
                alarm(),
                now.statistics().number("seconds"),
                seconds,
                devices(),
                operations(),
                written(),
                ring(),
                cache(),
                pass());
    }

    private String shape() {
        ArrayView array = now.array();
        StringBuilder shape =
                new StringBuilder(array.text("level")).append(" of ").append(array.slots());
        long chunkKib = array.numberOr("chunk_size", 0) / KIB;
        shape.append(chunkKib > 0 ? ", " + chunkKib + "K chunks" : "");
        String policy = array.text("consistency_policy");
        String mode = array.text("journal_mode");
        shape.append(policy.isEmpty() || policy.equals("resync") ? "" : ", " + policy);
        return shape.append(mode.isEmpty() ? "" : " (" + mode + ")").toString();
    }

    private String alarm() {
        ArrayView array = now.array();
        String trouble = array.text("array_trouble");
        if (!trouble.isEmpty()) {
            return trouble;
        }
        long missing = array.degraded();
        return missing == 0 ? "" : missing == 1 ? "1 member is not in sync" : missing + " members are not in sync";
    }

    private double rate(String path) {
        double earlier = before == null ? 0 : before.number(path);
        return seconds <= 0 ? 0 : Math.max(0, now.statistics().number(path) - earlier) / seconds;
    }

    private List<WatchFigures.Device> devices() {
        List<WatchFigures.Device> rows = new ArrayList<>();
        for (ArrayDevice device : now.array().devices()) {
            boolean well = device.state() != DeviceState.FAULTY
                    && device.state() != DeviceState.REBUILDING
                    && device.state() != DeviceState.REPLACEMENT;
            boolean journal = device.state() == DeviceState.JOURNAL;
            rows.add(new WatchFigures.Device(
                    device.number(),
                    device.slot(),
                    device.name(),
                    device.words(),
                    well,
                    memberRate(device, "read_bytes"),
                    journal ? rate("journal.written_bytes") : memberRate(device, "written_bytes"),
                    now.array().numberOr("rd" + device.slot() + "_errors_corrected", 0)));
        }
        return rows;
    }

    /** A member that joined since the sample before counts from 0. */
    private double memberRate(ArrayDevice device, String field) {
        Optional<String> path = pathOf(device, now.statistics());
        if (path.isEmpty() || seconds <= 0) {
            return 0;
        }
        ServedStatistics earlier = before;
        double past = earlier == null
                ? 0
                : pathOf(device, earlier).map(at -> earlier.number(at + field)).orElse(0.0);
        return Math.max(0, now.statistics().number(path.get() + field) - past) / seconds;
    }

    private static Optional<String> pathOf(ArrayDevice device, ServedStatistics statistics) {
        for (int index = 0; index < statistics.members(); index++) {
            String path = "members." + index + ".";
            if (statistics.whole(path + "slot") == device.slot()
                    && statistics.text(path + "device").equals(device.name())) {
                return Optional.of(path);
            }
        }
        return Optional.empty();
    }

    private List<WatchFigures.Operation> operations() {
        List<WatchFigures.Operation> rows = new ArrayList<>();
        for (OperationKind kind : OperationKind.values()) {
            String path = kind.text() + ".";
            Histogram micros = now.statistics().latencyMicros(kind);
            if (before != null) {
                micros.subtract(before.latencyMicros(kind));
            }
            rows.add(new WatchFigures.Operation(
                    kind,
                    rate(path + "operations"),
                    rate(path + "bytes"),
                    micros.getValueAtPercentile(50),
                    micros.getValueAtPercentile(90),
                    micros.getValueAtPercentile(99),
                    micros.getMaxValue(),
                    now.statistics().whole(path + "operations"),
                    now.statistics().whole(path + "errors")));
        }
        return rows;
    }

    private WatchFigures.Written written() {
        return new WatchFigures.Written(
                rate("written.volume_bytes"),
                rate("written.member_bytes"),
                rate("written.journal_bytes"),
                rate("written.pass_bytes"),
                now.statistics().number("written.amplification"));
    }

    private WatchFigures.@Nullable Ring ring() {
        ServedStatistics statistics = now.statistics();
        return statistics.has("journal.size_bytes")
                ? new WatchFigures.Ring(
                        statistics.whole("journal.size_bytes"),
                        statistics.whole("journal.used_bytes"),
                        statistics.whole("journal.tail_bytes"),
                        statistics.whole("journal.checkpoint_bytes"),
                        statistics.whole("journal.head_bytes"))
                : null;
    }

    private WatchFigures.@Nullable Cache cache() {
        ServedStatistics statistics = now.statistics();
        return statistics.has("cache.limit_stripes")
                ? new WatchFigures.Cache(
                        statistics.whole("cache.limit_stripes"),
                        statistics.whole("cache.full_stripes"),
                        statistics.whole("cache.partial_stripes"),
                        statistics.whole("cache.memory_bytes"))
                : null;
    }

    private WatchFigures.@Nullable Pass pass() {
        SyncStatus sync = now.array().sync();
        String trouble = now.array().text("sync_trouble");
        if (sync.isIdle() || sync.allSectors() == 0) {
            return trouble.isEmpty() ? null : new WatchFigures.Pass(sync.action(), 0, 0, -1, trouble);
        }
        return new WatchFigures.Pass(
                sync.action(),
                Math.min(1, (double) sync.passedSectors() / sync.allSectors()),
                sync.kibPerSecond() * KIB,
                sync.kibPerSecond() > 0 ? sync.secondsLeft() : -1,
                trouble);
    }

    /** The file name of a path, for a narrow column; a URI as it is. */
    static String shortName(String device) {
        return device.contains("://") ? device : String.valueOf(Path.of(device).getFileName());
    }
}

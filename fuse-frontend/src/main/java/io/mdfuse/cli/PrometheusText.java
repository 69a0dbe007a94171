package io.mdfuse.cli;

import io.mdfuse.raid.array.DeviceState;
import io.mdfuse.raid.statistics.OperationKind;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * The arrays as Prometheus' metrics, for {@code status --prometheus}. docs/guide/monitoring.md lists the metrics; their
 * names and labels are kept from version to version. Each has the label {@code file}, the volume's path.
 */
final class PrometheusText {
    private static final double SECTOR = 512;
    private static final double KIB = 1024;
    private static final double MICROS = 1e6;
    private static final double NANOS = 1e9;

    /** Upper bounds of the latencies that are counted apart, in seconds. */
    private static final List<Double> BOUNDS = List.of(
            0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
            10.0);

    private final PrometheusWriter out = new PrometheusWriter();

    private PrometheusText() {}

    static List<String> lines(List<StatusEntry> arrays) throws IOException {
        PrometheusText text = new PrometheusText();
        for (StatusEntry each : arrays) {
            text.add(each);
        }
        return text.out.lines();
    }

    private void add(StatusEntry entry) throws IOException {
        String file = entry.file().toString();
        ArrayView array = entry.view();
        addState(file, array, entry.sizeBytes());
        addPass(file, array.sync());
        for (ArrayDevice device : array.devices()) {
            addDevice(file, device, array);
        }
        Optional<ServedStatistics> statistics = ServedStatistics.of(array);
        if (statistics.isPresent()) {
            addOperations(file, statistics.get());
            addMembers(file, statistics.get());
            addJournal(file, statistics.get());
        }
    }

    private static Map<String, String> of(String file, String... more) {
        Map<String, String> labels = PrometheusWriter.labels("file", file);
        labels.putAll(PrometheusWriter.labels(more));
        return labels;
    }

    private void addState(String file, ArrayView array, long sizeBytes) {
        out.gauge(
                "mdfuse_array_info",
                "What the array is; the value is always 1.",
                of(
                        file,
                        "name",
                        array.text("name"),
                        "uuid",
                        array.text("uuid"),
                        "level",
                        array.text("level"),
                        "consistency_policy",
                        array.text("consistency_policy"),
                        "journal_mode",
                        array.text("journal_mode")),
                1);
        out.gauge("mdfuse_array_size_bytes", "The size of the volume.", of(file), (double) sizeBytes);
        out.gauge("mdfuse_array_missing_members", "How many slots have no member in sync.", of(file), (double)
                array.degraded());
        flag(
                "mdfuse_array_failed",
                "1 if too many members are missing, or nothing is written any more.",
                file,
                array.hasFailed());
        flag(
                "mdfuse_array_clean",
                "1 if parity is right everywhere and no write is in progress.",
                file,
                array.isClean());
        flag("mdfuse_array_read_only", "1 if the array takes no writes.", file, array.readOnly());
        array.number("mismatch_cnt")
                .ifPresent(sectors -> out.gauge(
                        "mdfuse_array_mismatch_bytes",
                        "What did not fit in the newest check or repair.",
                        of(file),
                        sectors * SECTOR));
    }

    private void flag(String name, String help, String file, boolean value) {
        out.gauge(name, help, of(file), value ? 1 : 0);
    }

    private void addPass(String file, SyncStatus sync) {
        if (sync.isIdle() || sync.allSectors() == 0) {
            return;
        }
        Map<String, String> labels = of(file, "action", sync.action());
        out.gauge(
                "mdfuse_pass_done_ratio",
                "How much of the resync, rebuild, check or repair is done, from 0 to 1.",
                labels,
                (double) sync.passedSectors() / sync.allSectors());
        out.gauge(
                "mdfuse_pass_speed_bytes",
                "The recent speed of the pass, in bytes of each member per second.",
                labels,
                sync.kibPerSecond() * KIB);
        if (sync.kibPerSecond() > 0) {
            out.gauge(
                    "mdfuse_pass_remaining_seconds",
                    "How long the rest of the pass takes at this speed.",
                    labels,
                    (double) sync.secondsLeft());
        }
    }

    private void addDevice(String file, ArrayDevice device, ArrayView array) {
        String slot = device.slot() == ArrayDevice.NO_SLOT ? "" : Integer.toString(device.slot());
        String number = Integer.toString(device.number());
        out.gauge(
                "mdfuse_device_info",
                "A device of the array with its state; the value is always 1.",
                of(
                        file,
                        "device",
                        device.name(),
                        "number",
                        number,
                        "slot",
                        slot,
                        "state",
                        device.state().text()),
                1);
        if (device.state() == DeviceState.IN_SYNC || device.state() == DeviceState.REBUILDING) {
            array.number("rd" + slot + "_errors_corrected")
                    .ifPresent(blocks -> out.counter(
                            "mdfuse_device_corrected_blocks_total",
                            "Blocks that the device could not read and that were written back.",
                            of(file, "device", device.name(), "slot", slot),
                            (double) blocks));
        }
    }

    private void addOperations(String file, ServedStatistics statistics) {
        out.gauge("mdfuse_array_age_seconds", "Since when the array is open.", of(file), statistics.number("seconds"));
        for (OperationKind kind : OperationKind.values()) {
            Map<String, String> labels = of(file, "operation", kind.text());
            Histogram micros = statistics.latencyMicros(kind);
            Map<Double, Long> buckets = new LinkedHashMap<>();
            for (double bound : BOUNDS) {
                buckets.put(bound, micros.getCountBetweenValues(0, Math.round(bound * MICROS)));
            }
            out.histogram(
                    "mdfuse_operation_duration_seconds",
                    "How long requests of the volume took.",
                    labels,
                    buckets,
                    micros.getTotalCount(),
                    statistics.number(kind.text() + ".nanoseconds") / NANOS);
            out.counter(
                    "mdfuse_operation_bytes_total",
                    "The length of the requests that succeeded.",
                    labels,
                    statistics.number(kind.text() + ".bytes"));
            out.counter(
                    "mdfuse_operation_errors_total",
                    "Requests that failed.",
                    labels,
                    statistics.number(kind.text() + ".errors"));
        }
    }

    private void addMembers(String file, ServedStatistics statistics) {
        for (int index = 0; index < statistics.members(); index++) {
            String path = "members." + index + ".";
            String slot = String.format(Locale.ROOT, "%d", statistics.whole(path + "slot"));
            Map<String, String> labels = of(file, "device", statistics.text(path + "device"), "slot", slot);
            out.counter(
                    "mdfuse_member_reads_total",
                    "Reads of the member's data area.",
                    labels,
                    statistics.number(path + "reads"));
            out.counter(
                    "mdfuse_member_read_bytes_total",
                    "Bytes read from it.",
                    labels,
                    statistics.number(path + "read_bytes"));
            out.counter(
                    "mdfuse_member_writes_total",
                    "Writes to the member's data area.",
                    labels,
                    statistics.number(path + "writes"));
            out.counter(
                    "mdfuse_member_written_bytes_total",
                    "Bytes written to it.",
                    labels,
                    statistics.number(path + "written_bytes"));
        }
        for (String target : List.of("volume", "member", "journal", "pass")) {
            out.counter(
                    "mdfuse_written_bytes_total",
                    "Bytes written to the volume, for that to members and journal, and to members by passes.",
                    of(file, "target", target),
                    statistics.number("written." + target + "_bytes"));
        }
    }

    private void addJournal(String file, ServedStatistics statistics) {
        if (!statistics.has("journal.size_bytes")) {
            return;
        }
        out.gauge(
                "mdfuse_journal_size_bytes",
                "The length of the journal's ring.",
                of(file),
                statistics.number("journal.size_bytes"));
        out.gauge(
                "mdfuse_journal_used_bytes",
                "The part of the ring from tail to head.",
                of(file),
                statistics.number("journal.used_bytes"));
        out.counter(
                "mdfuse_journal_flushes_total",
                "Flushes of the journal device.",
                of(file),
                statistics.number("journal.flushes"));
        out.gauge(
                "mdfuse_cache_limit_stripes",
                "How many stripes the cache may hold.",
                of(file),
                statistics.number("cache.limit_stripes"));
        for (String kind : List.of("full", "partial")) {
            out.gauge(
                    "mdfuse_cache_stripes",
                    "Cached stripes with every data block, and with some.",
                    of(file, "kind", kind),
                    statistics.number("cache." + kind + "_stripes"));
        }
        out.gauge(
                "mdfuse_cache_memory_bytes",
                "Memory that the cache has allocated.",
                of(file),
                statistics.number("cache.memory_bytes"));
    }
}

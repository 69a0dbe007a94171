package io.mdfuse.raid.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each request is counted once, with its latency, however it ends; slow ones are events of the Flight Recorder. */
class VolumeCountersTest {
    private static final long MILLION = 1_000_000;

    @TempDir
    Path directory;

    private final VolumeCounters counters = new VolumeCounters();

    private OperationFigures of(OperationKind kind) {
        return Objects.requireNonNull(counters.figures().get(kind));
    }

    @Test
    void requestsOfEachKindAreCountedApart() throws IOException {
        counters.run(OperationKind.READ, 0, 4096, () -> {});
        counters.run(OperationKind.READ, 8192, 512, () -> {});
        counters.run(OperationKind.FLUSH, 0, 0, () -> {});

        assertEquals(2, of(OperationKind.READ).operations());
        assertEquals(4608, of(OperationKind.READ).bytes());
        assertEquals(1, of(OperationKind.FLUSH).operations());
        assertEquals(0, of(OperationKind.WRITE).operations());
        assertEquals(0, of(OperationKind.TRIM).operations());
    }

    @Test
    void aFailedRequestIsAnErrorWithoutBytes() {
        IOException failure = new IOException("planted");
        assertSame(
                failure,
                assertThrows(
                        IOException.class,
                        () -> counters.run(OperationKind.WRITE, 0, 4096, () -> {
                            throw failure;
                        })));

        assertEquals(1, of(OperationKind.WRITE).operations());
        assertEquals(1, of(OperationKind.WRITE).errors());
        assertEquals(0, of(OperationKind.WRITE).bytes());
    }

    @Test
    void latenciesAreKeptToOnePercent() {
        OperationCounters reads = new OperationCounters();
        for (int micros = 1; micros <= 1000; micros++) {
            reads.count(micros * 1000L, 1, true);
        }
        OperationFigures figures = reads.figures();
        assertEquals(500.0, (double) figures.latencyMicros().getValueAtPercentile(50), 5);
        assertEquals(990.0, (double) figures.latencyMicros().getValueAtPercentile(99), 10);
        assertEquals(500_500 * 1000L, figures.sumNanos());
    }

    @Test
    void aRequestOfAnHourCountsAsTheLongestOne() {
        OperationCounters reads = new OperationCounters();
        reads.count(3600 * 1000 * MILLION, 1, true);
        reads.count(-5, 1, true);

        assertEquals(2, reads.figures().operations());
        long longest = reads.figures().latencyMicros().getMaxValue();
        assertTrue(longest >= OperationCounters.LONGEST_MICROS, () -> longest + " microseconds");
    }

    @Test
    void aSnapshotDoesNotChange() throws IOException {
        counters.run(OperationKind.TRIM, 0, 1 << 20, () -> {});
        OperationFigures before = of(OperationKind.TRIM);
        counters.run(OperationKind.TRIM, 0, 1 << 20, () -> {});

        assertEquals(1, before.operations());
        assertEquals(2, of(OperationKind.TRIM).operations());
    }

    @Test
    void aSlowRequestIsAnEventOfTheFlightRecorder() throws IOException {
        Path file = directory.resolve("slow.jfr");
        try (Recording recording = new Recording()) {
            recording.enable(SlowOperation.class).withThreshold(Duration.ofMillis(20));
            recording.start();
            counters.run(OperationKind.WRITE, 4096, 512, () -> {});
            counters.run(OperationKind.READ, 8192, 1024, VolumeCountersTest::sleep);
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("mdfuse.SlowOperation"))
                .filter(event -> event.getString("operation").equals("read"))
                .toList();
        assertEquals(1, events.size());
        assertEquals(8192, events.getFirst().getLong("offset"));
        assertEquals(1024, events.getFirst().getLong("length"));
        assertTrue(events.getFirst().getBoolean("succeeded"));
        assertTrue(events.getFirst().getDuration().toMillis() >= 20);
    }

    private static void sleep() throws IOException {
        try {
            Thread.sleep(40);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}

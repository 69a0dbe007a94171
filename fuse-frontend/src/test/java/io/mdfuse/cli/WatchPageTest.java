package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.statistics.OperationKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jline.utils.AttributedString;
import org.junit.jupiter.api.Test;

/** The terminal page of watch: what two samples become, and how it fits its window. */
class WatchPageTest {
    private static Map<String, String> attributes(int members) {
        Map<String, String> attributes = new TreeMap<>(Map.of(
                "array_state", "active",
                "level", "raid6",
                "raid_disks", Integer.toString(members),
                "degraded", "1",
                "chunk_size", "65536",
                "consistency_policy", "journal",
                "journal_mode", "write-back",
                "sync_action", "recover",
                "sync_completed", "100 / 400",
                "sync_speed", "2048"));
        attributes.put("dev0", "in_sync /dev/a \"quoted\"");
        attributes.put("dev0_slot", "0");
        for (int number = 1; number < members; number++) {
            attributes.put("dev" + number, (number == 1 ? "rebuilding" : "in_sync") + " /dev/b" + number);
            attributes.put("dev" + number + "_slot", Integer.toString(number));
        }
        return attributes;
    }

    private static WatchSample sample(SampleStatistics.Volume volume, String seconds, int members) throws IOException {
        Map<String, String> attributes = attributes(members);
        attributes.put(
                "stats", SampleStatistics.attribute(volume).replace("\"seconds\":2.5", "\"seconds\":" + seconds));
        ArrayView array = new ArrayView(attributes);
        return new WatchSample(
                Path.of("/mnt"),
                Path.of("/mnt/tank"),
                array,
                ServedStatistics.of(array).orElseThrow());
    }

    private static WatchFigures figures(int members) throws IOException {
        SampleStatistics.Volume volume = new SampleStatistics.Volume(true);
        WatchSample before = sample(volume, "2.5", members);
        volume.counters().run(OperationKind.WRITE, 0, 1 << 20, () -> {});
        volume.counters().run(OperationKind.WRITE, 0, 1 << 20, () -> {});
        return WatchComparison.of(sample(volume, "4.5", members), before);
    }

    private static WatchFigures.Operation of(WatchFigures figures, OperationKind kind) {
        return figures.operations().stream()
                .filter(each -> each.kind() == kind)
                .findFirst()
                .orElseThrow();
    }

    private static List<String> lines(WatchFigures figures, int columns, int rows) {
        return new WatchPage(figures, new WatchHistory(), columns, rows, false)
                .lines("q ends").stream().map(AttributedString::toString).toList();
    }

    @Test
    void ratesAreThoseBetweenTheSamples() throws IOException {
        WatchFigures figures = figures(4);
        WatchFigures.Operation writes = of(figures, OperationKind.WRITE);
        assertEquals(2, figures.seconds());
        assertEquals(1, writes.rate());
        assertEquals(1 << 20, writes.byteRate());
        assertEquals(3, writes.all());
        assertEquals(0, of(figures, OperationKind.READ).rate());
        assertEquals("raid6 of 4, 64K chunks, journal (write-back)", figures.shape());
        assertEquals("active, degraded, recovering", figures.state());
        assertEquals("1 member is not in sync", figures.alarm());
    }

    @Test
    void aMountThatBeganAnewIsNotComparedWithTheFormer() throws IOException {
        SampleStatistics.Volume volume = new SampleStatistics.Volume(true);
        WatchFigures figures = WatchComparison.of(sample(volume, "2.5", 4), sample(volume, "900.0", 4));
        assertEquals(2.5, figures.seconds());
        assertEquals(0.4, of(figures, OperationKind.WRITE).rate());
    }

    @Test
    void eightDevicesFitAWindowOf80By24() throws IOException {
        List<String> lines = lines(figures(8), 80, 24);
        assertEquals(24, lines.size(), lines::toString);
        assertTrue(lines.stream().allMatch(line -> line.length() <= 80), lines::toString);
        assertTrue(lines.stream().anyMatch(line -> line.contains("/dev/b7") || line.contains("b7 ")), lines::toString);
        assertTrue(lines.get(22).startsWith("recover  [######"), lines::toString);
        assertEquals("q ends", lines.get(23));
    }

    @Test
    void ofMoreDevicesThanFitTheRestIsCounted() throws IOException {
        List<String> lines = lines(figures(30), 80, 24);
        assertEquals(24, lines.size(), lines::toString);
        assertTrue(lines.stream().anyMatch(line -> line.matches(" +and 2[0-9] more devices")), lines::toString);
        assertEquals("q ends", lines.get(23));
    }

    @Test
    void aNarrowWindowCutsEachLine() throws IOException {
        assertTrue(lines(figures(4), 40, 10).stream().allMatch(line -> line.length() <= 40));
    }

    @Test
    void coloursAreLeftOutIfTheyAreNotWanted() throws IOException {
        WatchFigures figures = figures(4);
        String plain = new WatchPage(figures, new WatchHistory(), 80, 24, false)
                .lines("").stream().map(AttributedString::toAnsi).reduce("", String::concat);
        String coloured = new WatchPage(figures, new WatchHistory(), 80, 24, true)
                .lines("").stream().map(AttributedString::toAnsi).reduce("", String::concat);
        assertFalse(plain.contains("\033"), plain);
        assertTrue(coloured.contains("\033["), coloured);
    }

    @Test
    void theRingShowsTailCheckpointAndHead() {
        assertEquals("··T=C##H··", ring(100, 50, 20, 40, 70));
        assertEquals("##H···T=C#", ring(100, 60, 60, 80, 20));
        assertEquals("H·········", ring(100, 4, 0, 0, 4));
        assertEquals("T########H", ring(100, 95, 0, 0, 95));
    }

    private static String ring(long size, long used, long tail, long checkpoint, long head) {
        return new JournalRingLine(new WatchFigures.Ring(size, used, tail, checkpoint, head), 10).text();
    }

    @Test
    void theChartEndsWithTheNewest() throws IOException {
        WatchHistory history = new WatchHistory();
        history.add(figures(4));
        assertEquals("█", history.chart(OperationKind.WRITE, 10));
        assertEquals(" ", history.chart(OperationKind.READ, 10));
    }

    @Test
    void unitsHaveThreeDigits() {
        assertEquals("999 B", WatchUnits.bytes(999));
        assertEquals("0.98 KiB", WatchUnits.bytes(1000));
        assertEquals("12.3 MiB", WatchUnits.bytes(12.3 * (1 << 20)));
        assertEquals("100 GiB", WatchUnits.bytes(100.0 * (1L << 30)));
        assertEquals("-", WatchUnits.byteRate(0));
        assertEquals("999 µs", WatchUnits.micros(999));
        assertEquals("1.00 ms", WatchUnits.micros(1000));
        assertEquals("2.50 s", WatchUnits.micros(2_500_000));
        assertEquals("12,345", WatchUnits.rate(12345));
        assertEquals("27:46:40", WatchUnits.time(100_000));
    }
}

package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The metrics keep Prometheus' text format, and docs/guide/monitoring.md lists each of them with its type. */
class PrometheusTextTest {
    private static final Pattern ROW = Pattern.compile("\\| `(mdfuse_[a-z_]+)` \\| (gauge|counter|histogram) \\|.*");
    private static final Pattern SAMPLE =
            Pattern.compile("([a-z_]+)\\{((?:[a-z_]+=\"(?:[^\"\\\\\\n]|\\\\.)*\",?)+)\\} (-?[0-9.Ee+-]+|\\+Inf)");

    private static StatusEntry array(String name, boolean journaled) throws IOException {
        Map<String, String> attributes = new TreeMap<>(Map.of(
                "array_state", "active",
                "level", "raid5",
                "raid_disks", "2",
                "degraded", "1",
                "sync_action", "recover",
                "sync_completed", "100 / 400",
                "sync_speed", "50",
                "mismatch_cnt", "8",
                "name", "nas:" + name));
        attributes.put("dev0", "in_sync /dev/a \"quoted\"");
        attributes.put("dev0_slot", "0");
        attributes.put("rd0_errors_corrected", "3");
        attributes.put("dev1", "faulty /dev/b");
        attributes.put("dev1_slot", "none");
        attributes.put("stats", SampleStatistics.attribute(journaled));
        return new StatusEntry(Path.of("/mnt"), Path.of("/mnt/" + name), 1 << 20, new ArrayView(attributes));
    }

    private static List<String> lines() throws IOException {
        return PrometheusText.lines(List.of(array("tank", true), array("pool", false)));
    }

    @Test
    void eachLineIsASampleOrACommentAndMetricsStayTogether() throws IOException {
        Set<String> ended = new HashSet<>();
        String current = "";
        for (String line : lines()) {
            String name;
            if (line.startsWith("# ")) {
                assertTrue(line.matches("# (HELP|TYPE) [a-z_]+ .+"), line);
                name = line.split(" ", -1)[2];
            } else {
                Matcher sample = SAMPLE.matcher(line);
                assertTrue(sample.matches(), line);
                name = sample.group(1).replaceFirst("_seconds_(bucket|sum|count)$", "_seconds");
            }
            if (!name.equals(current)) {
                assertTrue(ended.add(name), () -> name + " comes twice");
                assertTrue(line.startsWith("# HELP"), line);
                current = name;
            }
        }
    }

    @Test
    void theBucketsOfAHistogramAddUpToItsCount() throws IOException {
        List<Long> buckets = new ArrayList<>();
        for (String line : lines()) {
            if (line.startsWith("mdfuse_operation_duration_seconds_bucket{file=\"/mnt/tank\",operation=\"write\"")) {
                buckets.add(Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)));
            }
        }
        assertEquals(18, buckets.size());
        assertEquals(buckets.stream().sorted().toList(), buckets);
        assertEquals(1, buckets.getLast());
        assertTrue(
                lines().contains("mdfuse_operation_duration_seconds_count{file=\"/mnt/tank\",operation=\"write\"} 1"));
    }

    @Test
    void valuesHaveTheUnitOfTheirName() throws IOException {
        List<String> lines = lines();
        assertTrue(lines.contains("mdfuse_array_mismatch_bytes{file=\"/mnt/tank\"} 4096"), lines::toString);
        assertTrue(
                lines.contains("mdfuse_pass_done_ratio{file=\"/mnt/tank\",action=\"recover\"} 0.25"), lines::toString);
        assertTrue(lines.contains("mdfuse_pass_speed_bytes{file=\"/mnt/tank\",action=\"recover\"} 51200"));
        assertTrue(lines.contains("mdfuse_array_age_seconds{file=\"/mnt/tank\"} 2.5"));
        String member = "{file=\"/mnt/tank\",device=\"/dev/a \\\"quoted\\\"\",slot=\"0\"}";
        assertTrue(lines.contains("mdfuse_member_written_bytes_total" + member + " 20480"));
        assertTrue(lines.contains("mdfuse_cache_stripes{file=\"/mnt/tank\",kind=\"partial\"} 3"));
        assertFalse(lines.stream().anyMatch(line -> line.startsWith("mdfuse_journal") && line.contains("/mnt/pool")));
    }

    @Test
    void theGuideListsEachMetricWithItsType() throws IOException {
        Map<String, String> documented = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("../docs/guide/monitoring.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                documented.put(row.group(1), row.group(2));
            }
        }
        Map<String, String> printed = new TreeMap<>();
        for (String line : lines()) {
            if (line.startsWith("# TYPE ")) {
                String[] words = line.split(" ", -1);
                printed.put(words[2], words[3]);
            }
        }
        assertEquals(documented, printed);
    }

    @Test
    void anArrayOfAnOlderVersionHasItsStateAlone() throws IOException {
        StatusEntry entry = array("old", false);
        entry.view().attributes().remove("stats");
        Set<String> names = new TreeSet<>();
        PrometheusText.lines(List.of(entry)).forEach(line -> names.add(line.replaceAll("[{ ].*", "")));
        assertTrue(names.contains("mdfuse_array_failed"));
        assertFalse(names.contains("mdfuse_operation_errors_total"));
    }
}

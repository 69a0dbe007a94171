package io.mdfuse.cli;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Metrics in Prometheus' text format, version 0.0.4: the samples of one metric follow each other, behind their help and
 * type, although they are added array by array.
 */
final class PrometheusWriter {
    private final Map<String, List<String>> families = new LinkedHashMap<>();

    /** The labels of a sample, by name. */
    static Map<String, String> labels(String... namesAndValues) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (int at = 0; at < namesAndValues.length; at += 2) {
            labels.put(namesAndValues[at], namesAndValues[at + 1]);
        }
        return labels;
    }

    /** Adds a value that may rise and fall. */
    void gauge(String name, String help, Map<String, String> labels, double value) {
        add(name, "gauge", help, List.of(name + text(labels) + " " + text(value)));
    }

    /** Adds a sum that only rises, until the array is mounted again. */
    void counter(String name, String help, Map<String, String> labels, double value) {
        add(name, "counter", help, List.of(name + text(labels) + " " + text(value)));
    }

    /**
     * Adds a histogram.
     *
     * @param buckets by their upper bound, ascending, how many values are at most this; without the last one, +Inf
     */
    void histogram(
            String name, String help, Map<String, String> labels, Map<Double, Long> buckets, long count, double sum) {
        List<String> samples = new ArrayList<>();
        buckets.forEach((bound, below) -> samples.add(bucket(name, labels, text(bound), below)));
        samples.add(bucket(name, labels, "+Inf", count));
        samples.add(name + "_sum" + text(labels) + " " + text(sum));
        samples.add(name + "_count" + text(labels) + " " + count);
        add(name, "histogram", help, samples);
    }

    private static String bucket(String name, Map<String, String> labels, String bound, long below) {
        Map<String, String> all = new LinkedHashMap<>(labels);
        all.put("le", bound);
        return name + "_bucket" + text(all) + " " + below;
    }

    private void add(String name, String type, String help, List<String> samples) {
        families.computeIfAbsent(name, key -> {
                    List<String> head = new ArrayList<>();
                    head.add("# HELP " + name + " " + help);
                    head.add("# TYPE " + name + " " + type);
                    return head;
                })
                .addAll(samples);
    }

    private static String text(Map<String, String> labels) {
        List<String> pairs = new ArrayList<>();
        labels.forEach((name, value) -> pairs.add(name + "=\"" + escaped(value) + "\""));
        return "{" + String.join(",", pairs) + "}";
    }

    /** In a label's value, backslash, quote and line feed are escaped. */
    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private static String text(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    /** All lines, without the line breaks. */
    List<String> lines() {
        return families.values().stream().flatMap(List::stream).toList();
    }
}

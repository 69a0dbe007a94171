package io.mdfuse.cli;

import io.mdfuse.raid.statistics.OperationKind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;

/** The rates of the last samples, for the small charts. One thread uses it. */
final class WatchHistory {
    private static final int LENGTH = 240;
    private static final String BARS = "▁▂▃▄▅▆▇█";

    private final Map<OperationKind, Deque<Double>> rates = new EnumMap<>(OperationKind.class);

    /** Adds what {@code figures} say: bytes per second, or requests per second for flushes. */
    void add(WatchFigures figures) {
        for (WatchFigures.Operation each : figures.operations()) {
            Deque<Double> kept = rates.computeIfAbsent(each.kind(), kind -> new ArrayDeque<>());
            kept.addLast(each.kind() == OperationKind.FLUSH ? each.rate() : each.byteRate());
            if (kept.size() > LENGTH) {
                kept.removeFirst();
            }
        }
    }

    /** The newest {@code width} rates, the newest on the right, in relation to the largest of them. */
    String chart(OperationKind kind, int width) {
        Deque<Double> kept = rates.getOrDefault(kind, new ArrayDeque<>());
        double largest = kept.stream().mapToDouble(each -> each).max().orElse(0);
        StringBuilder chart = new StringBuilder();
        Iterator<Double> newestFirst = kept.descendingIterator();
        while (newestFirst.hasNext() && chart.length() < width) {
            double rate = newestFirst.next();
            chart.append(rate <= 0 ? ' ' : BARS.charAt((int) Math.min(7, Math.floor(rate / largest * 8))));
        }
        return chart.reverse().toString();
    }
}

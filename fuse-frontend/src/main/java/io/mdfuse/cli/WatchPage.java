package io.mdfuse.cli;

import io.mdfuse.raid.statistics.OperationKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/**
 * The page of {@code watch} for a terminal, as lines. An array of up to eight devices fits 24 lines of 80 characters;
 * of more devices as many are shown as there is room for.
 */
final class WatchPage {
    /** The smallest window that shows something useful. */
    static final int LEAST_COLUMNS = 40;

    static final int LEAST_ROWS = 10;

    private static final int LABEL = 9;
    private static final int BAR_END = 24;

    private final WatchFigures figures;
    private final WatchHistory history;
    private final int columns;
    private final int rows;
    private final boolean colours;

    /** @param rows how many lines there are; {@link Integer#MAX_VALUE} for a page that is not a screen */
    WatchPage(WatchFigures figures, WatchHistory history, int columns, int rows, boolean colours) {
        this.figures = figures;
        this.history = history;
        this.columns = columns;
        this.rows = rows;
        this.colours = colours;
    }

    /** The lines, none longer than the window; {@code footer} is the last one, if it is not empty. */
    List<AttributedString> lines(String footer) {
        List<AttributedString> below = new ArrayList<>();
        below.add(AttributedString.EMPTY);
        below.addAll(operations());
        below.add(AttributedString.EMPTY);
        below.addAll(journalAndCache());
        below.add(plain(String.format(Locale.ROOT, "%-9s%s", "written", written())));
        below.addAll(pass());
        if (!footer.isEmpty()) {
            below.add(styled(footer, AttributedStyle.DEFAULT.faint()));
        }
        List<AttributedString> lines = new ArrayList<>(head());
        lines.addAll(devices(Math.max(1, rows - lines.size() - below.size())));
        lines.addAll(below);
        List<AttributedString> shown = lines.size() > rows ? lines.subList(0, rows) : lines;
        return shown.stream().map(line -> line.columnSubSequence(0, columns)).toList();
    }

    private List<AttributedString> head() {
        String age = "up " + WatchUnits.time(figures.ageSeconds());
        AttributedStringBuilder title = new AttributedStringBuilder();
        title.styled(bold(), figures.name()).append("  ").append(figures.shape());
        int space = columns - title.columnLength() - age.length();
        title.append(" ".repeat(Math.max(1, space))).append(age);
        AttributedStringBuilder state = new AttributedStringBuilder();
        boolean alarm = !figures.alarm().isEmpty();
        state.styled(colour(alarm ? AttributedStyle.RED : AttributedStyle.GREEN), figures.state());
        state.append(alarm ? "  " + figures.alarm() : "");
        return List.of(title.toAttributedString(), state.toAttributedString());
    }

    private List<AttributedString> devices(int room) {
        List<AttributedString> lines = new ArrayList<>();
        int name = Math.max(8, columns - 62);
        lines.add(styled(
                String.format(
                        Locale.ROOT,
                        "%-5s%-" + name + "s %-18s%12s%13s%11s",
                        "slot",
                        "device",
                        "state",
                        "read",
                        "written",
                        "corrected"),
                AttributedStyle.DEFAULT.faint()));
        List<WatchFigures.Device> all = figures.devices();
        int shown = all.size() + 1 <= room ? all.size() : Math.max(0, room - 2);
        // If not all fit, those that need help come first.
        all.stream()
                .sorted(Comparator.comparing(device -> shown < all.size() && device.well()))
                .limit(shown)
                .forEach(device -> lines.add(device(device, name)));
        if (shown < all.size() && room > 1) {
            lines.add(plain("     and " + (all.size() - shown) + " more devices"));
        }
        return lines;
    }

    private AttributedString device(WatchFigures.Device device, int nameWidth) {
        String path = WatchComparison.shortName(device.path());
        AttributedStringBuilder line = new AttributedStringBuilder();
        line.append(String.format(Locale.ROOT, "%-5s", device.slot() < 0 ? "-" : Integer.toString(device.slot())));
        line.append(fitted(path, nameWidth)).append(' ');
        line.styled(
                device.well() ? AttributedStyle.DEFAULT : colour(AttributedStyle.RED),
                String.format(Locale.ROOT, "%-18s", device.words()));
        line.append(String.format(
                Locale.ROOT,
                "%12s%13s%11s",
                WatchUnits.byteRate(device.readRate()),
                WatchUnits.byteRate(device.writeRate()),
                device.corrected() == 0 ? "-" : Long.toString(device.corrected())));
        return line.toAttributedString();
    }

    private static String fitted(String text, int width) {
        return text.length() <= width ? text + " ".repeat(width - text.length()) : text.substring(0, width - 1) + "…";
    }

    private List<AttributedString> operations() {
        List<AttributedString> lines = new ArrayList<>();
        lines.add(styled(
                String.format(
                        Locale.ROOT,
                        "%-9s%9s%12s%9s%9s%9s  %s",
                        "",
                        "requests",
                        "bytes",
                        "half in",
                        "99% in",
                        "longest",
                        "history"),
                AttributedStyle.DEFAULT.faint()));
        int chart = Math.max(0, columns - 59);
        for (WatchFigures.Operation each : figures.operations()) {
            AttributedStringBuilder line = new AttributedStringBuilder();
            line.append(String.format(
                    Locale.ROOT,
                    "%-9s%9s%12s%9s%9s%9s  ",
                    each.kind().text(),
                    each.rate() <= 0 ? "-" : WatchUnits.rate(each.rate()) + "/s",
                    each.kind() == OperationKind.FLUSH ? "" : WatchUnits.byteRate(each.byteRate()),
                    latency(each.p50(), each),
                    latency(each.p99(), each),
                    latency(each.max(), each)));
            line.styled(colour(AttributedStyle.CYAN), history.chart(each.kind(), chart));
            if (each.errors() > 0) {
                line.styled(colour(AttributedStyle.RED), " " + each.errors() + " errors");
            }
            lines.add(line.toAttributedString());
        }
        return lines;
    }

    private static String latency(long micros, WatchFigures.Operation operation) {
        return micros == 0 && operation.rate() > 0 ? "<1 µs" : WatchUnits.micros(micros);
    }

    private List<AttributedString> journalAndCache() {
        List<AttributedString> lines = new ArrayList<>();
        WatchFigures.Ring ring = figures.ring();
        if (ring != null) {
            lines.add(ring(new JournalRingLine(ring, columns - LABEL - 2).text()));
            lines.add(plain(String.format(
                    Locale.ROOT,
                    "         T tail  C checkpoint  H head: %s of %s, %.0f %%",
                    WatchUnits.bytes((double) ring.used()),
                    WatchUnits.bytes((double) ring.size()),
                    100.0 * ring.used() / ring.size())));
        }
        WatchFigures.Cache cache = figures.cache();
        if (cache != null) {
            double part = (double) (cache.full() + cache.partial()) / cache.limit();
            lines.add(plain(String.format(
                    Locale.ROOT,
                    "%-9s%s full %,d, partial %,d of %,d stripes",
                    "cache",
                    bar(part, BAR_END),
                    cache.full(),
                    cache.partial(),
                    cache.limit())));
        }
        return lines;
    }

    private AttributedString ring(String text) {
        AttributedStringBuilder line = new AttributedStringBuilder();
        line.append("journal  |");
        for (int at = 0; at < text.length(); at++) {
            char each = text.charAt(at);
            AttributedStyle style = switch (each) {
                case 'T', 'C', 'H' -> bold();
                case '#' -> colour(AttributedStyle.YELLOW);
                case '=' -> colour(AttributedStyle.BLUE);
                default -> colours ? AttributedStyle.DEFAULT.faint() : AttributedStyle.DEFAULT;
            };
            line.styled(style, String.valueOf(each));
        }
        return line.append("|").toAttributedString();
    }

    private String written() {
        WatchFigures.Written written = figures.written();
        String text = "members " + WatchUnits.byteRate(written.memberRate())
                + (figures.ring() == null ? "" : ", journal " + WatchUnits.byteRate(written.journalRate()));
        return written.amplification() == 0
                ? text
                : text + String.format(Locale.ROOT, "; amplification %.2f", written.amplification());
    }

    private List<AttributedString> pass() {
        WatchFigures.Pass pass = figures.pass();
        if (pass == null) {
            return List.of();
        }
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT, "%-9s%s %5.1f %%", pass.action(), bar(pass.done(), BAR_END), 100 * pass.done()));
        if (pass.secondsLeft() >= 0) {
            text.append(", ")
                    .append(WatchUnits.byteRate(pass.rate()))
                    .append(" of each, ends in ")
                    .append(WatchUnits.time((double) pass.secondsLeft()));
        }
        List<AttributedString> lines = new ArrayList<>();
        lines.add(styled(text.toString(), colour(AttributedStyle.YELLOW)));
        if (!pass.trouble().isEmpty()) {
            lines.add(styled("         " + pass.trouble(), colour(AttributedStyle.RED)));
        }
        return lines;
    }

    private static String bar(double part, int width) {
        int filled = (int) Math.round(Math.clamp(part, 0.0, 1.0) * width);
        return "[" + "#".repeat(filled) + "·".repeat(width - filled) + "]";
    }

    private AttributedStyle bold() {
        return colours ? AttributedStyle.BOLD : AttributedStyle.DEFAULT;
    }

    private AttributedStyle colour(int colour) {
        return colours ? AttributedStyle.DEFAULT.foreground(colour) : AttributedStyle.DEFAULT;
    }

    private AttributedString styled(String text, AttributedStyle style) {
        return new AttributedString(text, colours ? style : AttributedStyle.DEFAULT);
    }

    private static AttributedString plain(String text) {
        return new AttributedString(text);
    }
}

package io.mdfuse.cli;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.xray.DeviceMap;
import io.mdfuse.raid.xray.DeviceMap.Area;
import io.mdfuse.raid.xray.LayoutMap;
import io.mdfuse.raid.xray.MapRow;
import io.mdfuse.raid.xray.MapSpan;
import java.io.PrintWriter;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The drawing of {@code examine --map}, in lines of 80 columns at most but for long names. The slots of an array that
 * is wider are drawn in several blocks below each other.
 */
final class MapText {
    private static final int COLUMNS = 80;

    /** The column of the byte offset, and the word above the numbers of the slots. */
    private static final String HEAD = "  byte of the data  slot";

    private MapText() {}

    static void print(LayoutMap layout, long chunkBytes, PrintWriter out) {
        for (MapSpan span : layout.spans()) {
            out.println("  slot " + span.slot() + " holds the " + Sectors.toBytes(span.sectors())
                    + " bytes of the volume from byte " + Sectors.toBytes(span.volumeSector()) + " on"
                    + (span.memberSector() == 0 ? "" : ", from byte " + Sectors.toBytes(span.memberSector())));
        }
        if (layout.rows().isEmpty()) {
            return;
        }
        int slots = layout.rows().getFirst().cells().size();
        int width = cellWidth(layout, slots);
        int fitting = Math.max(1, (COLUMNS - HEAD.length()) / width);
        for (int first = 0; first < slots; first += fitting) {
            printSlots(layout, chunkBytes, first, Math.min(slots, first + fitting), width, out);
            out.println();
        }
        out.println("A number is a chunk of the volume; chunk n begins at byte n x " + chunkBytes + " of it.");
    }

    private static int cellWidth(LayoutMap layout, int slots) {
        int widest = layout.rows().stream()
                .flatMap(row -> row.cells().stream())
                .mapToInt(cell -> cell.drawn().length())
                .max()
                .orElse(1);
        return 2 + Math.max(widest, Integer.toString(slots - 1).length());
    }

    private static void printSlots(LayoutMap layout, long chunkBytes, int first, int end, int width, PrintWriter out) {
        out.println(HEAD
                + IntStream.range(first, end)
                        .mapToObj(slot -> padded(Integer.toString(slot), width))
                        .collect(Collectors.joining()));
        long expected = 0;
        for (MapRow row : layout.rows()) {
            long start = Sectors.toBytes(row.memberSector());
            if (start != expected) {
                out.println(padded("...", HEAD.length() - 6));
            }
            expected = start + chunkBytes;
            out.println(padded(Long.toString(start), HEAD.length() - 6)
                    + " ".repeat(6)
                    + row.cells().subList(first, end).stream()
                            .map(cell -> padded(cell.drawn(), width))
                            .collect(Collectors.joining()));
        }
    }

    /** The areas of a device, and the space between them that nothing uses. */
    static void print(DeviceMap device, PrintWriter out) {
        out.println(device.device() + ": " + device.role() + ", " + device.sizeBytes() + " bytes");
        out.println(line("from byte", "bytes", ""));
        long end = 0;
        for (Area area : device.areas()) {
            if (area.startByte() > end) {
                out.println(line(Long.toString(end), Long.toString(area.startByte() - end), "not used"));
            }
            String bytes = area.bytes() == 0 ? "?" : Long.toString(area.bytes());
            out.println(line(Long.toString(area.startByte()), bytes, area.holds()));
            end = Math.max(end, area.endByte());
        }
        if (device.sizeBytes() > end) {
            out.println(line(Long.toString(end), Long.toString(device.sizeBytes() - end), "not used"));
        }
    }

    private static String line(String start, String bytes, String holds) {
        return (padded(start, 14) + padded(bytes, 15) + "  " + holds).stripTrailing();
    }

    private static String padded(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }
}

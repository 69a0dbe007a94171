package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.BitmapSuperblock;
import io.mdfuse.raid.superblock.ChunkState;
import io.mdfuse.raid.superblock.ChunkStates;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberBitmap;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;

/**
 * One member's write-intent bitmap, in the terms and the order of {@code mdadm --examine-bitmap}, or as JSON. Of a
 * lockless bitmap it counts the chunks in each state, by md's names for them.
 */
final class BitmapReport {
    private final FoundDevice found;
    private final BitmapSuperblock head;
    private final long chunks;
    private final long dirtyChunks;
    private final Map<ChunkState, Integer> stateCounts;

    private BitmapReport(FoundDevice found, MemberBitmap bitmap) {
        this.found = found;
        this.head = bitmap.head();
        this.chunks = head.chunks(head.syncSectors());
        this.dirtyChunks = bitmap.dirtyChunks().cardinality();
        ChunkStates states = bitmap.states();
        this.stateCounts = states == null ? Map.of() : states.counts();
    }

    /** Reads the bitmap of the device, up to the length that the bitmap's own superblock gives. */
    static BitmapReport of(FoundDevice found) throws IOException {
        MemberBitmap known = MemberBitmap.read(found, found.superblock().usedSectors());
        long syncSectors = known.head().syncSectors();
        boolean alike = syncSectors == found.superblock().usedSectors();
        return new BitmapReport(found, alike ? known : MemberBitmap.read(found, syncSectors));
    }

    void print(PrintWriter out) {
        line("Filename", found.name(), out);
        line("Magic", Integer.toHexString(BitmapSuperblock.MAGIC_VALUE), out);
        line("Version", Integer.toString(head.version()), out);
        line("UUID", found.superblock().setUuidText(), out);
        line("Events", Long.toUnsignedString(head.events()), out);
        line("Events Cleared", Long.toUnsignedString(head.eventsCleared()), out);
        line("State", state(), out);
        line("Chunksize", chunkSize(head.chunkBytes()), out);
        line("Daemon", head.daemonSleepSeconds() + "s flush period", out);
        line("Write Mode", head.writeBehind() == 0 ? "Normal" : "Allow write behind, max " + head.writeBehind(), out);
        long syncBytes = Sectors.toBytes(head.syncSectors());
        line("Sync Size", syncBytes / 1024 + HumanSize.of(syncBytes), out);
        if (head.lockless()) {
            line("Bitmap", chunks + " chunks", out);
            stateCounts.forEach((state, count) -> out.println("    " + state.word() + " " + count));
            return;
        }
        double percent = chunks == 0 ? 0 : 100.0 * dirtyChunks / chunks;
        String share = String.format(Locale.ROOT, "%2.1f%%", percent);
        line("Bitmap", chunks + " bits (chunks), " + dirtyChunks + " dirty (" + share + ")", out);
    }

    private String state() {
        if (head.lockless()) {
            return head.isStale() ? "Out of date" : head.isNew() ? "OK, not used yet" : "OK";
        }
        return switch (head.state()) {
            case 0 -> "OK";
            case BitmapSuperblock.STALE -> "Out of date";
            default -> "Unknown";
        };
    }

    /** In the largest unit that gives an integer; a chunk is a power of two. */
    private static String chunkSize(long bytes) {
        long left = bytes;
        int unit = 0;
        while (left >= 1024) {
            left /= 1024;
            unit++;
        }
        return left + " " + new String[] {"B", "KB", "MB", "GB"}[unit];
    }

    private static void line(String word, String value, PrintWriter out) {
        out.println(" ".repeat(16 - word.length()) + word + " : " + value);
    }

    void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("device", found.name());
        json.writeNumberField("bitmap_version", head.version());
        json.writeStringField("array_uuid", found.superblock().setUuidText());
        json.writeNumberField("events", head.events());
        json.writeNumberField("events_cleared", head.eventsCleared());
        json.writeStringField("state", state());
        json.writeNumberField("chunk_bytes", head.chunkBytes());
        json.writeNumberField("daemon_sleep_seconds", head.daemonSleepSeconds());
        json.writeNumberField("write_behind", head.writeBehind());
        json.writeNumberField("sync_sectors", head.syncSectors());
        json.writeNumberField("chunks", chunks);
        json.writeNumberField("dirty_chunks", dirtyChunks);
        if (head.lockless()) {
            json.writeObjectFieldStart("states");
            for (Map.Entry<ChunkState, Integer> each : stateCounts.entrySet()) {
                json.writeNumberField(each.getKey().word().replace(' ', '_'), each.getValue());
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }
}

package io.mdfuse.fuse;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.mdfuse.raid.statistics.ArrayStatistics;
import io.mdfuse.raid.statistics.CacheFigures;
import io.mdfuse.raid.statistics.JournalFigures;
import io.mdfuse.raid.statistics.MemberFigures;
import io.mdfuse.raid.statistics.OperationFigures;
import io.mdfuse.raid.statistics.OperationKind;
import io.mdfuse.raid.statistics.WrittenFigures;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The value of the attribute {@code user.md.stats}: one JSON object in one line. docs/json.md documents its fields,
 * whose names and types stay.
 */
final class StatisticsJson {
    private static final double NANOS_PER_SECOND = 1e9;

    private final ArrayStatistics statistics;

    private StatisticsJson(ArrayStatistics statistics) {
        this.statistics = statistics;
    }

    static String of(ArrayStatistics statistics) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            new StatisticsJson(statistics).write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter never fails", e);
        }
        return text.toString();
    }

    private void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeNumberField("seconds", Math.round(statistics.ageNanos() / NANOS_PER_SECOND * 1000) / 1000.0);
        for (Map.Entry<OperationKind, OperationFigures> each :
                statistics.operations().entrySet()) {
            json.writeObjectFieldStart(each.getKey().text());
            write(each.getValue(), json);
            json.writeEndObject();
        }
        write(statistics.written(), json);
        json.writeArrayFieldStart("members");
        for (MemberFigures member : statistics.members()) {
            write(member, json);
        }
        json.writeEndArray();
        write(statistics.journal(), json);
        write(statistics.cache(), json);
        json.writeEndObject();
    }

    private static void write(OperationFigures figures, JsonGenerator json) throws IOException {
        Histogram micros = figures.latencyMicros();
        json.writeNumberField("operations", figures.operations());
        json.writeNumberField("errors", figures.errors());
        json.writeNumberField("bytes", figures.bytes());
        json.writeNumberField("nanoseconds", figures.sumNanos());
        json.writeNumberField("p50_microseconds", micros.getValueAtPercentile(50));
        json.writeNumberField("p90_microseconds", micros.getValueAtPercentile(90));
        json.writeNumberField("p99_microseconds", micros.getValueAtPercentile(99));
        json.writeNumberField("p999_microseconds", micros.getValueAtPercentile(99.9));
        json.writeNumberField("max_microseconds", micros.getMaxValue());
        json.writeStringField("histogram", encoded(micros));
    }

    /** HdrHistogram's compressed form of version 2, in Base64. */
    private static String encoded(Histogram histogram) {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }

    private static void write(WrittenFigures written, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("written");
        json.writeNumberField("volume_bytes", written.volumeBytes());
        json.writeNumberField("member_bytes", written.memberBytes());
        json.writeNumberField("journal_bytes", written.journalBytes());
        json.writeNumberField("pass_bytes", written.passBytes());
        json.writeFieldName("amplification");
        if (written.amplification().isPresent()) {
            json.writeNumber(Math.round(written.amplification().getAsDouble() * 1000) / 1000.0);
        } else {
            json.writeNull();
        }
        json.writeEndObject();
    }

    private static void write(MemberFigures member, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeNumberField("slot", member.slot());
        json.writeStringField("device", member.device());
        json.writeNumberField("reads", member.reads());
        json.writeNumberField("read_bytes", member.readBytes());
        json.writeNumberField("writes", member.writes());
        json.writeNumberField("written_bytes", member.writtenBytes());
        json.writeEndObject();
    }

    private static void write(@Nullable JournalFigures journal, JsonGenerator json) throws IOException {
        json.writeFieldName("journal");
        if (journal == null) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        json.writeStringField("device", journal.device());
        json.writeNumberField("size_bytes", journal.sizeBytes());
        json.writeNumberField("used_bytes", journal.usedBytes());
        json.writeNumberField("tail_bytes", journal.tailBytes());
        json.writeNumberField("checkpoint_bytes", journal.checkpointBytes());
        json.writeNumberField("head_bytes", journal.headBytes());
        json.writeNumberField("written_bytes", journal.writtenBytes());
        json.writeNumberField("flushes", journal.flushes());
        json.writeEndObject();
    }

    private static void write(@Nullable CacheFigures cache, JsonGenerator json) throws IOException {
        json.writeFieldName("cache");
        if (cache == null) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        json.writeNumberField("limit_stripes", cache.limitStripes());
        json.writeNumberField("used_stripes", cache.usedStripes());
        json.writeNumberField("full_stripes", cache.fullStripes());
        json.writeNumberField("partial_stripes", cache.partialStripes());
        json.writeNumberField("memory_bytes", cache.memoryBytes());
        json.writeEndObject();
    }
}

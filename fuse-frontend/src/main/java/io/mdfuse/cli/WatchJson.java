package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;

/**
 * The figures of {@code watch} as JSON, for its own web page. Its fields may change with any version; programs read
 * {@code status --json}.
 */
final class WatchJson {
    private static final double NANOS = 1e9;

    private WatchJson() {}

    static String of(WatchSampler.Result result) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeNumberField("number", result.number());
            json.writeNumberField("silent", (System.nanoTime() - result.atNanos()) / NANOS);
            write(result.figures(), json);
            json.writeArrayFieldStart("past");
            for (WatchSampler.Throughput each : result.past()) {
                json.writeArray(new double[] {each.read(), each.written()}, 0, 2);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void write(WatchFigures figures, JsonGenerator json) throws IOException {
        json.writeStringField("name", figures.name());
        json.writeStringField("file", figures.file());
        json.writeStringField("shape", figures.shape());
        json.writeStringField("state", figures.state());
        json.writeStringField("alarm", figures.alarm());
        json.writeNumberField("age", figures.ageSeconds());
        json.writeArrayFieldStart("devices");
        for (WatchFigures.Device each : figures.devices()) {
            json.writeStartObject();
            json.writeNumberField("slot", each.slot());
            json.writeStringField("path", each.path());
            json.writeStringField("name", WatchComparison.shortName(each.path()));
            json.writeStringField("words", each.words());
            json.writeBooleanField("well", each.well());
            json.writeNumberField("read", each.readRate());
            json.writeNumberField("write", each.writeRate());
            json.writeNumberField("corrected", each.corrected());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("operations");
        for (WatchFigures.Operation each : figures.operations()) {
            write(each, json);
        }
        json.writeEndArray();
        writeStores(figures, json);
    }

    private static void write(WatchFigures.Operation operation, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("kind", operation.kind().text());
        json.writeNumberField("rate", operation.rate());
        json.writeNumberField("bytes", operation.byteRate());
        json.writeNumberField("p50", operation.p50());
        json.writeNumberField("p90", operation.p90());
        json.writeNumberField("p99", operation.p99());
        json.writeNumberField("max", operation.max());
        json.writeNumberField("all", operation.all());
        json.writeNumberField("errors", operation.errors());
        json.writeEndObject();
    }

    private static void writeStores(WatchFigures figures, JsonGenerator json) throws IOException {
        WatchFigures.Written written = figures.written();
        json.writeObjectFieldStart("written");
        json.writeNumberField("volume", written.volumeRate());
        json.writeNumberField("members", written.memberRate());
        json.writeNumberField("journal", written.journalRate());
        json.writeNumberField("amplification", written.amplification());
        json.writeEndObject();
        WatchFigures.Ring ring = figures.ring();
        if (ring != null) {
            json.writeObjectFieldStart("ring");
            json.writeNumberField("size", ring.size());
            json.writeNumberField("used", ring.used());
            json.writeNumberField("tail", ring.tail());
            json.writeNumberField("checkpoint", ring.checkpoint());
            json.writeNumberField("head", ring.head());
            json.writeEndObject();
        }
        WatchFigures.Cache cache = figures.cache();
        if (cache != null) {
            json.writeObjectFieldStart("cache");
            json.writeNumberField("limit", cache.limit());
            json.writeNumberField("full", cache.full());
            json.writeNumberField("partial", cache.partial());
            json.writeEndObject();
        }
        WatchFigures.Pass pass = figures.pass();
        if (pass != null) {
            json.writeObjectFieldStart("pass");
            json.writeStringField("action", pass.action());
            json.writeNumberField("done", pass.done());
            json.writeNumberField("rate", pass.rate());
            json.writeNumberField("left", pass.secondsLeft());
            json.writeStringField("trouble", pass.trouble());
            json.writeEndObject();
        }
    }
}

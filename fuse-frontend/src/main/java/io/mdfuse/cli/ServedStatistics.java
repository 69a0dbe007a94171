package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.mdfuse.raid.statistics.OperationKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/**
 * The statistics of a mounted array as its attribute {@code stats} has them, each field by its path: {@code
 * journal.used_bytes}, {@code members.0.device}. A field that is null is not in the maps.
 *
 * @param numbers the fields with a number
 * @param texts the fields with a text
 */
record ServedStatistics(Map<String, Double> numbers, Map<String, String> texts) {
    /** The attribute's name, without its prefix. */
    static final String ATTRIBUTE = "stats";

    /**
     * Reads the attribute; empty if the array has none, because an older mdfuse serves it.
     *
     * @throws IOException if the attribute is no JSON object
     */
    static Optional<ServedStatistics> of(ArrayView array) throws IOException {
        String text = array.text(ATTRIBUTE);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        ServedStatistics read = new ServedStatistics(new LinkedHashMap<>(), new HashMap<>());
        try (JsonParser json = new JsonFactory().createParser(text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("the attribute user.md." + ATTRIBUTE + " is no JSON object");
            }
            read.object(json, "");
        }
        return Optional.of(read);
    }

    private void object(JsonParser json, String prefix) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String path = prefix + json.currentName();
            value(json, json.nextToken(), path);
        }
    }

    private void list(JsonParser json, String prefix) throws IOException {
        int index = 0;
        for (JsonToken token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
            value(json, token, prefix + index);
            index++;
        }
    }

    private void value(JsonParser json, JsonToken token, String path) throws IOException {
        switch (token) {
            case START_OBJECT -> object(json, path + ".");
            case START_ARRAY -> list(json, path + ".");
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> numbers.put(path, json.getDoubleValue());
            case VALUE_STRING -> texts.put(path, json.getText());
            default -> {}
        }
    }

    /** True if the field has a number. */
    boolean has(String path) {
        return numbers.containsKey(path);
    }

    /** The number; 0 if the field has none. */
    double number(String path) {
        return numbers.getOrDefault(path, 0.0);
    }

    /** The number, which is a whole one; 0 if the field has none. */
    long whole(String path) {
        return (long) number(path);
    }

    /** The text; empty if the field has none. */
    String text(String path) {
        return texts.getOrDefault(path, "");
    }

    /** How many members there are figures of. */
    int members() {
        int count = 0;
        while (has("members." + count + ".slot")) {
            count++;
        }
        return count;
    }

    /** The latencies of one kind of request since the opening, in microseconds; an empty histogram if there is none. */
    Histogram latencyMicros(OperationKind kind) {
        String text = text(kind.text() + ".histogram");
        if (text.isEmpty()) {
            return new Histogram(2);
        }
        try {
            return Histogram.decodeFromCompressedByteBuffer(
                    ByteBuffer.wrap(Base64.getDecoder().decode(text)), 0);
        } catch (DataFormatException | IllegalArgumentException e) {
            throw new UncheckedIOException(new IOException("the histogram in user.md." + ATTRIBUTE + " is damaged", e));
        }
    }
}

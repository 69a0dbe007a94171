package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/json.md names the fields of the JSON output, in their order, with their types; nothing else is printed. */
class JsonPageTest {
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| ([^|]+) \\|.*");

    /** The fields on the page, with their types. */
    private static Map<String, String> documented() throws IOException {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line : Files.readAllLines(Path.of("../docs/json.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                fields.put(row.group(1), row.group(2).strip());
            }
        }
        return fields;
    }

    private static Map<String, String> busy() throws IOException {
        Map<String, String> attributes = new TreeMap<>(Map.of(
                "array_state", "active",
                "array_trouble", "none",
                "level", "raid5",
                "layout", "left-symmetric",
                "raid_disks", "3",
                "degraded", "1",
                "chunk_size", "65536",
                "sync_action", "recover",
                "sync_completed", "100 / 300",
                "sync_speed", "50"));
        attributes.putAll(Map.of(
                "uuid", "00000001:00000002:00000003:00000004",
                "dev0", "in_sync a.img",
                "dev0_slot", "0",
                "dev1", "spare b.img",
                "dev1_slot", "none",
                "rd0_errors_corrected", "3",
                "rd0_bad_blocks", "8 16\n40 8",
                "creation_time", "1700000000",
                "stripe_cache_size", "256",
                "metadata_version", "1.2"));
        attributes.put("stats", SampleStatistics.attribute(true));
        return attributes;
    }

    /** Reads the JSON: each field by its path, with the types of its values. */
    private static Map<String, List<String>> printed(Map<String, String> attributes) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            new DetailJson(Path.of("/mnt"), Path.of("/mnt/tank"), 1 << 20, new ArrayView(attributes)).write(json);
        }
        Map<String, List<String>> fields = new LinkedHashMap<>();
        try (JsonParser json = new JsonFactory().createParser(text.toString())) {
            Deque<String> path = new ArrayDeque<>();
            path.push("");
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                String field = path.getFirst() + json.currentName();
                switch (token) {
                    case START_OBJECT, START_ARRAY -> {
                        if (json.currentName() != null) {
                            add(fields, field, token == JsonToken.START_ARRAY ? "list" : "object");
                        }
                        boolean list = token == JsonToken.START_ARRAY;
                        String inner = json.currentName() == null ? path.getFirst() : field + (list ? "[]." : ".");
                        path.push(inner);
                    }
                    case END_OBJECT, END_ARRAY -> path.pop();
                    case FIELD_NAME -> {}
                    default -> {
                        if (!path.getFirst().equals("attributes.")
                                && !path.getFirst().equals("unused_devices[].")) {
                            add(fields, field, type(token));
                        }
                    }
                }
            }
        }
        return fields;
    }

    private static void add(Map<String, List<String>> fields, String field, String type) {
        fields.computeIfAbsent(field, key -> new ArrayList<>()).add(type);
    }

    private static String type(JsonToken token) {
        return switch (token) {
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "number";
            case VALUE_TRUE, VALUE_FALSE -> "boolean";
            case VALUE_NULL -> "null";
            default -> "text";
        };
    }

    @Test
    void thePageHasEachFieldInItsOrder() throws IOException {
        assertEquals(
                List.copyOf(documented().keySet()), List.copyOf(printed(busy()).keySet()));
    }

    @Test
    void typesAreThoseOfThePage() throws IOException {
        Map<String, String> documented = documented();
        Map<String, String> plain =
                new TreeMap<>(Map.of("level", "raid0", "raid_disks", "2", "dev0", "faulty x", "dev0_slot", "none"));
        Map<String, String> withoutJournal = new TreeMap<>(plain);
        withoutJournal.put("stats", SampleStatistics.attribute(false));
        for (Map<String, String> attributes : List.of(busy(), plain, withoutJournal)) {
            printed(attributes).forEach((field, types) -> {
                String allowed = documented.getOrDefault(field, "nothing").replace("time", "text");
                for (String type : types) {
                    assertTrue(List.of(allowed.split(" or ")).contains(type), field + ": " + type + ", not " + allowed);
                }
            });
        }
    }
}

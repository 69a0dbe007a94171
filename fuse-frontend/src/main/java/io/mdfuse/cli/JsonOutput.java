package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;

/** Prints one JSON value and a line break, laid out for people too; the output stays open. */
final class JsonOutput {
    private JsonOutput() {}

    /** What writes the value. */
    interface Value {
        void write(JsonGenerator json) throws IOException;
    }

    static void print(PrintWriter out, Value value) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(out).useDefaultPrettyPrinter()) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            value.write(json);
        }
        out.println();
    }
}

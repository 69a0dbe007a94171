package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.mdfuse.raid.array.DeviceSearch;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/**
 * The arrays of which a directory holds devices: a line for each.
 *
 * @param lines name, level, size, UUID and devices of each array
 */
record ArraysReport(Path directory, List<String> lines) {
    static ArraysReport of(Path directory) throws IOException {
        return new ArraysReport(directory, DeviceSearch.lines(directory));
    }

    void print(PrintWriter out) {
        out.println(directory + ":");
        lines.forEach(line -> out.println("    " + line));
    }

    void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("directory", directory.toString());
        json.writeArrayFieldStart("arrays");
        for (String line : lines) {
            json.writeString(line);
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}

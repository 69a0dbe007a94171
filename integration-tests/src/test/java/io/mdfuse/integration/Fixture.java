package io.mdfuse.integration;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * An array that the real md driver made, with md's own results. {@code end: power} means that the driver was killed
 * while writes were under way.
 */
final class Fixture {
    private static final Path DIRECTORY = Project.root().resolve("integration-tests/src/test/resources/fixtures");

    private final String name;
    private final Map<String, String> facts;

    private Fixture(String name, Map<String, String> facts) {
        this.name = name;
        this.facts = facts;
    }

    static Fixture named(String name) throws IOException {
        Map<String, String> facts = new HashMap<>();
        try (JsonParser json =
                new JsonFactory().createParser(DIRECTORY.resolve(name + ".json").toFile())) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token.isScalarValue()) {
                    facts.put(String.valueOf(json.currentName()), json.getText());
                }
            }
        }
        return new Fixture(name, facts);
    }

    /** Unpacks the images, but not those of members that md had failed, and the log of writes beside them. */
    Images unpack(Path directory) throws IOException {
        Files.createDirectories(directory);
        Command.run(
                        "tar",
                        "-C",
                        directory.toString(),
                        "-xJf",
                        DIRECTORY.resolve(name + ".tar.xz").toString())
                .orFail();
        for (String failed : fact("failed").split(",", -1)) {
            Files.deleteIfExists(directory.resolve("disk" + failed + ".img"));
        }
        return Images.in(directory);
    }

    /** The sha256 of the volume after md's own recovery. */
    String recoveredSha256() {
        return fact("recovered_sha256");
    }

    WorkPattern pattern() {
        return new WorkPattern(Long.parseLong(fact("seed")));
    }

    private String fact(String key) {
        String value = facts.get(key);
        if (value == null) {
            throw new IllegalStateException(name + ".json has no " + key);
        }
        return value;
    }
}

package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The table of settings in docs/mounting.md, gone through with setfattr and getfattr on a real mount. */
class SettingsPageTest {
    private static final Pattern ROW = Pattern.compile("\\| `([a-zN_]+)` \\| ([^|]+) \\| ([^|]*E[A-Z]+[^|]*) \\|.*");
    private static final Pattern WORD = Pattern.compile("`([^`]+)`");
    private static final Map<String, String> ERRORS =
            Map.of("EINVAL", "Invalid argument", "EBUSY", "Device or resource busy");

    /** A setting with its right values, and its wrong values with the error of each. */
    private record Setting(String name, List<String> right, Map<String, String> wrong) {}

    private static List<Setting> settings() throws IOException {
        List<Setting> settings = new ArrayList<>();
        for (String line : Files.readAllLines(Project.root().resolve("docs/mounting.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                List<String> right = WORD.matcher(row.group(2))
                        .results()
                        .map(each -> each.group(1))
                        .toList();
                Map<String, String> wrong = new LinkedHashMap<>();
                for (String part : row.group(3).split("(?<=E[A-Z]{4,5}), ", -1)) {
                    String error = part.substring(part.lastIndexOf(' ') + 1);
                    WORD.matcher(part).results().forEach(each -> wrong.put(each.group(1), error));
                }
                settings.add(new Setting(row.group(1), right, wrong));
            }
        }
        return settings;
    }

    @Test
    void everySettingTakesWhatThePageSays() throws IOException {
        Needs.mount();
        Needs.program("setfattr", "attr");
        List<Setting> settings = settings();
        assertEquals(10, settings.size(), settings::toString);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = Images.blank(scratch.path("images"), 5, 12 << 20, 0);
            List<Object> create = new ArrayList<>(List.of("create", "--level", "6"));
            create.addAll(List.of("--raid-devices", "4", "--spare-devices", "1", "--chunk", "64K", "--assume-clean"));
            create.addAll(List.of("--bitmap", "internal", "--bitmap-chunk", "1M"));
            create.addAll(images.members());
            Verb.run(create).orFail();
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                for (Setting setting : settings) {
                    if (setting.name().equals("journal_mode")) {
                        assertTrue(set(array, "journal_mode", "write-back").contains("not supported"));
                        continue;
                    }
                    String name = setting.name().replace("devN", "dev0");
                    setting.wrong().forEach((value, error) -> {
                        String said = set(array, name, value);
                        assertTrue(said.contains(ERRORS.getOrDefault(error, error)), name + "=" + value + ": " + said);
                    });
                    for (String value : setting.right()) {
                        // The replaced device has failed when the next value comes.
                        String which = value.equals("want_replacement") ? "dev1_state" : name;
                        assertEquals("", set(array, which, value), which + "=" + value);
                        if (name.equals("safe_mode_delay")
                                || name.equals("sync_max")
                                || name.startsWith("sync_speed")) {
                            String read = get(array, name);
                            String want = name.equals("safe_mode_delay") && value.equals("2") ? "2.000" : value;
                            assertEquals(want, read, name);
                        }
                        Command.run(
                                Project.mdfuse().toString(),
                                "wait",
                                array.mountPoint().toString());
                    }
                    if (name.equals("sync_max")) {
                        set(array, name, "max");
                    }
                    if (name.equals("sync_action")) {
                        set(array, name, "idle");
                    }
                }
                array.unmount();
            }
        }
    }

    /** What setfattr says; empty if the value was taken. */
    private static String set(MountedArray array, String name, String value) {
        try {
            Command.Result result = Command.run(
                    "setfattr",
                    "-n",
                    "user.md." + name,
                    "-v",
                    value,
                    array.volume().toString());
            return result.exitStatus() == 0 ? "" : result.output() + result.error();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String get(MountedArray array, String name) throws IOException {
        return Command.run(
                        "getfattr",
                        "--only-values",
                        "-n",
                        "user.md." + name,
                        array.volume().toString())
                .orFail()
                .output();
    }
}

package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares superblocks with mdadm, which needs no driver to read an image file: mdadm must accept every superblock that
 * {@code create} writes and find the requested values in it, and {@code examine} must show what mdadm shows.
 */
class MdadmExamineTest {
    @BeforeEach
    void needs() {
        Needs.program("mdadm", "mdadm");
    }

    @ParameterizedTest
    @CsvSource({
        "4, raid4,           4,   1.2, false, 16777216",
        "4, raid4,           64,  1.1, true,  16777216",
        "5, left-symmetric,  64,  1.0, false, 16777216",
        "5, left-asymmetric, 4,   1.1, false, 10240001",
        "5, right-symmetric, 512, 1.2, true,  33554432",
        "5, parity-last,     64,  1.2, true,  5222400",
        "6, left-symmetric,  64,  1.0, false, 16777216",
        "6, ddf-N-continue,  128, 1.1, true,  16777216",
        "6, right-symmetric, 512, 1.2, true,  1099511627776"
    })
    void acceptsWhatWasCreated(
            int level, String layout, int chunkKib, String metadata, boolean withJournal, long memberBytes)
            throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            List<String> args = new ArrayList<>(List.of("create", "--name", "box:t", "--raid-devices", "4"));
            args.addAll(List.of("--level", "" + level, "--layout", layout, "--chunk", chunkKib + "K"));
            args.addAll(List.of("--metadata", metadata, "--size", "" + memberBytes));
            String uuid = "c0ffee00:01020304:05060708:090a0b0c";
            args.addAll(List.of("--uuid", uuid));
            if (withJournal) {
                args.addAll(
                        List.of("--write-journal", scratch.path("journal.img").toString()));
            }
            for (int slot = 0; slot < 4; slot++) {
                args.add(scratch.path("disk" + slot + ".img").toString());
            }
            mdfuse(args);
            for (Path image : images(scratch.directory())) {
                Map<String, String> seen = mdadm(image);
                assertEquals(metadata, seen.get("Version"), seen::toString);
                assertEquals(withJournal ? "0x200" : "0x0", seen.get("Feature Map"));
                assertEquals(uuid, seen.get("Array UUID"));
                assertEquals("box:t", seen.get("Name"));
                assertEquals("raid" + level, seen.get("Raid Level"));
                assertEquals("4", seen.get("Raid Devices"));
                assertEquals("clean", seen.get("State"));
                assertEquals("1", seen.get("Events"));
                assertEquals(chunkKib + "K", seen.get("Chunk Size"));
                assertEquals(level == 4 ? null : layout, seen.get("Layout"));
                assertTrue(seen.getOrDefault("Checksum", "").endsWith(" - correct"), seen::toString);
                assertTrue(seen.getOrDefault("Array State", "").startsWith("AAAA "), seen::toString);
                assertTrue(seen.getOrDefault("Bad Block Log", "").startsWith("512 entries"), seen::toString);
                String name = String.valueOf(image.getFileName());
                String role = name.startsWith("disk") ? "Active device " + name.charAt(4) : "Journal";
                assertEquals(role, seen.get("Device Role"));
                assertShownAlike(image);
                assertExported(image, level, uuid);
            }
        }
    }

    /** The form that udev and scripts read. */
    private static void assertExported(Path image, int level, String uuid) throws IOException {
        List<String> lines = Command.run("mdadm", "--examine", "--export", image.toString())
                .orFail()
                .output()
                .lines()
                .toList();
        assertTrue(lines.contains("MD_LEVEL=raid" + level), lines::toString);
        assertTrue(lines.contains("MD_DEVICES=4"), lines::toString);
        assertTrue(lines.contains("MD_NAME=box:t"), lines::toString);
        assertTrue(lines.contains("MD_UUID=" + uuid), lines::toString);
        assertTrue(lines.contains("MD_EVENTS=1"), lines::toString);
    }

    static Stream<String> fixtures() throws IOException {
        Path directory = Project.root().resolve("integration-tests/src/test/resources/fixtures");
        try (Stream<Path> files = Files.list(directory)) {
            return files
                    .map(path -> String.valueOf(path.getFileName()))
                    .filter(name -> name.endsWith(".json"))
                    .map(name -> name.substring(0, name.length() - ".json".length()))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void showsWhatMdadmShows(String name) throws IOException {
        Needs.program("xz", "xz-utils");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Fixture.named(name).unpack(scratch.path("images"));
            List<Path> images = images(scratch.path("images"));
            assertTrue(images.size() >= 3, images::toString);
            for (Path image : images) {
                assertShownAlike(image);
            }
        }
    }

    /**
     * One device each of arrays of every level, and of reshapes that were stopped before their end. Names that begin
     * with "edited" have fields that no array here would get; mdadm shows them nevertheless.
     */
    @Test
    void showsEveryLevelAndReshapeAsMdadmDoes() throws IOException {
        Needs.program("xz", "xz-utils");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Path archive = Project.root().resolve("integration-tests/src/test/resources/examine.tar.xz");
            Command.run("tar", "-C", scratch.directory().toString(), "-xJf", archive.toString())
                    .orFail();
            List<Path> images = images(scratch.directory());
            assertEquals(27, images.size(), images::toString);
            for (Path image : images) {
                String theirs = Command.run("mdadm", "--examine", image.toString())
                        .orFail()
                        .output();
                assertEquals(
                        withoutNodes(theirs), withoutNodes(mdfuse(List.of("examine", image.toString()))), "" + image);
            }
        }
    }

    @Test
    void aReshapeInJson() throws IOException {
        Needs.program("xz", "xz-utils");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Path archive = Project.root().resolve("integration-tests/src/test/resources/examine.tar.xz");
            Command.run("tar", "-C", scratch.directory().toString(), "-xJf", archive.toString())
                    .orFail();
            for (String image : List.of("reshape-fewer-1.2-3.img", "reshape-fewer-0.90-2.img")) {
                String json = json(scratch.path(image));
                for (String field : List.of(
                        "\"delta_devices\" : -1",
                        "\"old_raid_devices\" : 4",
                        "\"new_raid_devices\" : 3",
                        "\"new_level\" : \"raid5\"",
                        "\"new_chunk_bytes\" : 65536")) {
                    assertTrue(json.contains(field), () -> field + " in " + json);
                }
            }
            String toSix = json(scratch.path("reshape-to6-1.2-1.img"));
            assertTrue(toSix.contains("\"layout\" : \"left-symmetric-6\""), toSix);
            assertTrue(toSix.contains("\"new_layout\" : \"left-symmetric\""), toSix);
            assertTrue(toSix.contains("\"position_sectors\" : 24576"), toSix);
            String ten = json(scratch.path("l10-f2-1.0-1.img"));
            assertTrue(ten.contains("\"layout\" : \"far=2\""), ten);
            assertTrue(ten.contains("\"array_bytes\" : 33423360"), ten);
            String one = json(scratch.path("l1-1.0-0.img"));
            assertTrue(!one.contains("\"layout\"") && one.contains("\"level\" : \"raid1\""), one);
        }
    }

    private static String json(Path image) {
        return mdfuse(List.of("examine", "--json", image.toString()));
    }

    /** mdadm reads a superblock of the other byte order if an option says so. */
    @ParameterizedTest
    @ValueSource(strings = {"r5-meta090-clean", "r5-meta090-power", "r5-meta090-bitmap-power", "r6-meta090-degraded"})
    void showsABigEndianMemberAsMdadmDoes(String name) throws IOException {
        Needs.program("xz", "xz-utils");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Fixture.named(name).unpack(scratch.path("images"));
            for (Path image : images(scratch.path("images"))) {
                String before = mdfuse(List.of("examine", image.toString()));
                ForeignByteOrder.swap(image);
                String theirs = Command.run("mdadm", "--examine", "-e0.swap", image.toString())
                        .orFail()
                        .output();
                String ours = mdfuse(List.of("examine", image.toString()));
                assertEquals(before, ours);
                // mdadm looks for the bitmap's UUID in its own byte order, and drops the flag, so that its checksum is
                // wrong too.
                boolean bitmap = ours.contains("Internal Bitmap");
                assertTrue(bitmap || withoutNodes(theirs).equals(withoutNodes(ours)), theirs);
                assertTrue(json(image).contains("\"byte_order\" : \"big-endian\""));
            }
        }
    }

    /** All lines without the names that mdadm finds on this machine for the device numbers of metadata 0.90. */
    private static List<String> withoutNodes(String text) {
        return text.lines()
                .map(line -> line.startsWith("/") ? line : line.replaceAll(" +/dev/.*", ""))
                .map(String::stripTrailing)
                .toList();
    }

    private static List<Path> images(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(path -> path.toString().endsWith(".img"))
                    .sorted()
                    .toList();
        }
    }

    /**
     * mdadm shows every field that examine shows, with the same value and in the same order. A newer mdadm may show
     * more.
     */
    private static void assertShownAlike(Path image) throws IOException {
        Map<String, String> ours = fields(mdfuse(List.of("examine", image.toString())));
        // Up to mdadm 4.6 no version shows it.
        ours.remove("Logical Block Size");
        Map<String, String> theirs = mdadm(image);
        theirs.keySet().retainAll(ours.keySet());
        assertEquals(List.copyOf(theirs.entrySet()), List.copyOf(ours.entrySet()));
        // Fewest has a RAID-0 of metadata 0.90.
        assertTrue(ours.size() >= 17, ours::toString);
        assertEquals(
                disks(Command.run("mdadm", "--examine", image.toString())
                        .orFail()
                        .output()),
                disks(mdfuse(List.of("examine", image.toString()))));
    }

    /** The table of devices of metadata 0.90, without the names of these devices on this machine. */
    private static List<String> disks(String text) {
        return text.lines()
                .filter(line -> line.matches("(this| +[0-9]+) +[0-9]+ .*"))
                .map(line -> line.replaceAll(" +/dev/.*", "").stripTrailing())
                .toList();
    }

    private static Map<String, String> mdadm(Path image) throws IOException {
        return fields(
                Command.run("mdadm", "--examine", image.toString()).orFail().output());
    }

    private static String mdfuse(List<String> args) {
        return Verb.run(args).orFail().output();
    }

    private static Map<String, String> fields(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        text.lines().forEach(line -> {
            int colon = line.indexOf(" : ");
            if (colon > 0) {
                fields.put(
                        line.substring(0, colon).strip(),
                        line.substring(colon + 3).strip());
            }
        });
        return fields;
    }
}

package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.mdfuse.device.Access;
import io.mdfuse.device.FileDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockChecksum;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExamineCommandTest {
    @TempDir
    private Path directory = Path.of("");

    private String image(String name) {
        return directory.resolve(name).toString();
    }

    @BeforeEach
    void anArray() {
        CommandRun run = CommandRun.of(
                "create",
                "-l5",
                "-n3",
                "-c64K",
                "-z16M",
                "--name",
                "box:data",
                "--write-journal",
                image("j"),
                image("a"),
                image("b"),
                image("c"));
        assertEquals(0, run.status(), run.toString());
    }

    @Test
    void anEmptyFileIsSaidToBeEmpty() throws IOException {
        Files.createFile(directory.resolve("empty"));
        String[][] runs = {
            {"examine", image("empty")},
            {"examine", "--map", image("empty"), image("b")},
            {"recover", image("empty"), image("b")},
            {"journal", image("empty")},
            {"stripe", image("empty"), image("b"), "0"},
            {"create", "-l5", "-n3", "-f", image("empty"), image("a"), image("b")},
            {"create", "-l5", "-n3", "-f", "-z16M", image("empty"), image("a"), image("b")},
            {"export", "-o", image("copy"), image("empty"), image("b"), image("c")},
        };
        for (String[] command : runs) {
            CommandRun run = CommandRun.of(command);
            assertEquals(1, run.status(), run.toString());
            assertTrue(run.err().contains("empty: is empty: it has a size of 0 bytes; "), run.toString());
        }
        CommandRun create = CommandRun.of("create", "-l5", "-n2", "-z16M", image("empty"), image("new"));
        assertTrue(create.err().contains("remove it, and --size makes it"), create.toString());
        assertTrue(Files.notExists(directory.resolve("new")));
    }

    /** As mdadm 4.2 prints it: one line for each array, whatever the number of its devices. */
    @Test
    void briefIsALineForMdadmConf() {
        for (String option : List.of("-b", "--brief")) {
            CommandRun run = CommandRun.of("examine", option, image("a"), image("j"), image("b"));
            assertEquals(0, run.status(), run.toString());
            assertTrue(
                    run.out().matches("ARRAY /dev/md/data  metadata=1\\.2 UUID=[0-9a-f:]{35} name=box:data\\R"),
                    run.toString());
        }
    }

    @Test
    void theTermsOfMdadm() {
        CommandRun run = CommandRun.of("examine", image("b"));
        assertEquals(0, run.status(), run.toString());
        List<String> lines = run.out().lines().toList();
        assertEquals(image("b") + ":", lines.getFirst());
        assertTrue(lines.contains("          Magic : a92b4efc"), run.out());
        assertTrue(lines.contains("        Version : 1.2"), run.out());
        assertTrue(lines.contains("    Feature Map : 0x200"), run.out());
        assertTrue(lines.contains("           Name : box:data"), run.out());
        assertTrue(lines.contains("     Raid Level : raid5"), run.out());
        assertTrue(lines.contains(" Avail Dev Size : 30720 sectors (15.00 MiB 15.73 MB)"), run.out());
        assertTrue(lines.contains("     Array Size : 30720 KiB (30.00 MiB 31.46 MB)"), run.out());
        assertTrue(lines.contains("   Unused Space : before=1968 sectors, after=0 sectors"), run.out());
        assertTrue(lines.contains("          State : clean"), run.out());
        assertTrue(lines.contains("         Layout : left-symmetric"), run.out());
        assertTrue(lines.contains("     Chunk Size : 64K"), run.out());
        assertTrue(lines.contains("   Device Role : Active device 1"), run.out());
        assertTrue(lines.getLast().startsWith("   Array State : AAA ("), run.out());
    }

    @Test
    void jsonHasAnObjectForEachDevice() throws IOException {
        CommandRun run = CommandRun.of("examine", "--json", image("a"), image("j"));
        assertEquals(0, run.status(), run.toString());
        List<Map<String, String>> objects = objects(run.out());
        assertEquals(2, objects.size());
        assertEquals("active", objects.get(0).get("role"));
        assertEquals("0", objects.get(0).get("slot"));
        assertEquals("65536", objects.get(0).get("chunk_bytes"));
        assertEquals("left-symmetric", objects.get(0).get("layout"));
        assertEquals("journal", objects.get(1).get("role"));
        assertEquals("0", objects.get(1).get("journal_tail_sector"));
        assertEquals(objects.get(0).get("array_uuid"), objects.get(1).get("array_uuid"));
    }

    /** As mdadm shows it; a separate line says that the device can't be used. */
    @Test
    void aWrongChecksumIsShownWithTheRightOne() throws IOException {
        String right = checksumLine(CommandRun.of("examine", image("b")).out());
        try (RandomAccessFile file = new RandomAccessFile(image("b"), "rw")) {
            file.seek(4096 + 32 + 4);
            file.write('D');
        }
        CommandRun run = CommandRun.of("examine", image("b"), image("c"));
        assertEquals(1, run.status(), run.toString());
        String shown = checksumLine(run.out());
        assertTrue(shown.matches(" *Checksum : [0-9a-f]+ - expected [0-9a-f]+"), shown);
        assertTrue(shown.startsWith(right.replace(" - correct", " - expected ")), shown + " after " + right);
        assertTrue(run.out().contains("           Name : box:Data"), run.out());
        assertTrue(run.err().contains("has checksum") && run.err().contains(image("b")), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        CommandRun json = CommandRun.of("examine", "--json", image("b"));
        assertTrue(objects(json.out()).getFirst().containsKey("checksum_expected"), json.out());
    }

    private static String checksumLine(String text) {
        return text.lines()
                .filter(line -> line.contains("Checksum"))
                .findFirst()
                .orElse("");
    }

    /** Fields that md never writes, with a correct checksum: shown or refused, without any other effect. */
    @Test
    void absurdFieldsAreShownOrRefused() throws IOException {
        Random random = new Random(5);
        byte[] sound = new byte[4096];
        Path image = directory.resolve("a");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(4096);
            file.readFully(sound);
            for (int round = 0; round < 150; round++) {
                byte[] bytes = sound.clone();
                ByteBuffer page = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
                for (int change = 0; change < 6; change++) {
                    int[] places = {
                        8, 0x48, 0x4c, 0x50, 0x58, 0x5c, 0x64, 0x68, 0x70, 0x74, 0x78, 0x7c, 0xa0, 0xd0, 0xdc
                    };
                    int value = random.nextBoolean() ? random.nextInt() : random.nextInt(16) - 5;
                    page.putInt(places[random.nextInt(places.length)], value);
                }
                page.putInt(8, page.getInt(8) & 0x1fff);
                if (page.getInt(0xdc) < 0 || page.getInt(0xdc) > 1920) {
                    page.putInt(0xdc, 128);
                }
                page.putInt(0xd8, SuperblockChecksum.of(bytes));
                file.seek(4096);
                file.write(bytes);
                for (String form : List.of("--json", "--bitmap")) {
                    CommandRun run = CommandRun.of("examine", form, image.toString());
                    assertTrue(!run.err().contains("internal error"), run::toString);
                }
                CommandRun run = CommandRun.of("examine", image.toString());
                assertTrue(!run.err().contains("internal error"), run::toString);
            }
        }
    }

    private static List<Map<String, String>> objects(String text) throws IOException {
        List<Map<String, String>> objects = new ArrayList<>();
        try (JsonParser json = new JsonFactory().createParser(text)) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token == JsonToken.START_OBJECT) {
                    objects.add(new HashMap<>());
                } else if (token.isScalarValue()) {
                    objects.getLast().put(String.valueOf(json.currentName()), json.getText());
                }
            }
        }
        return objects;
    }

    @Test
    void aBitmapInTheTermsOfMdadm() throws IOException {
        CommandRun made = CommandRun.of(
                "create",
                "-l5",
                "-n3",
                "-z16M",
                "-b",
                "internal",
                "--bitmap-chunk",
                "64K",
                image("d"),
                image("e"),
                image("f"));
        assertEquals(0, made.status(), made.toString());
        CommandRun run = CommandRun.of("examine", "--bitmap", image("d"));
        assertEquals(0, run.status(), run.toString());
        List<String> lines = run.out().lines().toList();
        assertEquals("        Filename : " + image("d"), lines.getFirst());
        assertTrue(lines.contains("           Magic : 6d746962"), run.out());
        assertTrue(lines.contains("           State : OK"), run.out());
        assertTrue(lines.contains("       Chunksize : 64 KB"), run.out());
        assertTrue(lines.contains("          Daemon : 5s flush period"), run.out());
        assertTrue(lines.contains("       Sync Size : 14336 (14.00 MiB 14.68 MB)"), run.out());
        assertEquals("          Bitmap : 224 bits (chunks), 0 dirty (0.0%)", lines.getLast());
        Map<String, String> object = objects(CommandRun.of("examine", "--bitmap", "--json", image("e"))
                        .out())
                .getFirst();
        assertEquals("65536", object.get("chunk_bytes"));
        assertEquals("224", object.get("chunks"));
        assertEquals("0", object.get("dirty_chunks"));
        CommandRun without = CommandRun.of("examine", "--bitmap", image("a"), image("f"));
        assertEquals(1, without.status());
        assertTrue(without.err().contains("has no write-intent bitmap"), without.err());
        assertTrue(without.out().contains("224 bits"), without.out());
    }

    @Test
    void aListOfBadBlocksInTheTermsOfMdadm() throws IOException {
        CommandRun empty = CommandRun.of("examine", "--badblocks", image("a"));
        assertEquals("Bad-blocks list is empty in " + image("a"), empty.out().strip());
        try (FileDevice device = FileDevice.open(directory.resolve("a"), Access.READ_WRITE, false);
                Arena arena = Arena.ofConfined()) {
            Superblock superblock = MemberLocator.require(device).superblock();
            MemorySegment list = arena.allocate(16, 8);
            list.setAtIndex(ValueLayout.JAVA_LONG, 0, (5000L << 10) | 8);
            list.setAtIndex(ValueLayout.JAVA_LONG, 1, -1);
            long place = superblock.superOffsetSectors() + superblock.badBlockLogOffsetSectors();
            device.write(Sectors.toBytes(place), list);
            Superblock listed = superblock.edit(e -> e.featureMap(superblock.featureMap() | Features.BAD_BLOCKS));
            byte[] bytes = listed.toBytes();
            MemorySegment page = arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
            device.write(Sectors.toBytes(listed.superOffsetSectors()), page);
        }
        CommandRun run = CommandRun.of("examine", "--badblocks", image("a"));
        assertEquals(
                List.of("Bad-blocks on " + image("a") + ":", "                5000 for 8 sectors"),
                run.out().lines().toList());
        assertTrue(CommandRun.of("examine", image("a")).out().contains(" - bad blocks present."));
        CommandRun json = CommandRun.of("examine", "--json", image("a"));
        assertTrue(
                json.out().replaceAll("\\s", "").contains("\"bad_blocks\":[{\"sector\":5000,\"sectors\":8}]"),
                json.out());
    }

    @Test
    void oneBadDeviceDoesNotHideTheOthers() throws IOException {
        Files.write(directory.resolve("empty"), new byte[65536]);
        Path nothing = Files.createDirectory(directory.resolve("nothing"));
        CommandRun run = CommandRun.of("examine", image("empty"), image("nope"), nothing.toString(), image("c"));
        assertEquals(1, run.status());
        assertTrue(run.out().contains("Active device 2"), run.out());
        List<String> errors = run.err().lines().toList();
        assertEquals(3, errors.size(), run.err());
        assertTrue(errors.get(0).contains("empty: has no md superblock"), run.err());
        assertTrue(errors.get(1).contains("nope: does not exist"), run.err());
        assertTrue(errors.get(2).contains("holds no file with an md superblock"), run.err());
    }

    @Test
    void aDeviceInUseCanBeExamined() throws IOException {
        try (FileDevice used = FileDevice.open(directory.resolve("a"), Access.READ_WRITE, false)) {
            assertTrue(used.sizeBytes() > 0);
            assertEquals(0, CommandRun.of("examine", image("a")).status());
        }
    }

    @Test
    void sizesInBothUnits() {
        assertEquals("", HumanSize.of(5_119_999));
        assertEquals(" (4.88 MiB 5.12 MB)", HumanSize.of(5_120_000));
        assertEquals(" (2.00 GiB 2.15 GB)", HumanSize.of(1L << 31));
        assertEquals(" (2.00 TiB 2.20 TB)", HumanSize.of(1L << 41));
    }
}

package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Members are failed, removed, added and replaced with the program's own verbs, while others write to the array. */
class MemberManagementTest {
    private static final int ROUNDS = 6;
    private static final int WRITERS = 2;
    private static final Duration LONGEST_REBUILD = Duration.ofMinutes(2);

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingIsLostWhileMembersComeAndGo(boolean journal) throws IOException {
        ArrayShape shape = new ArrayShape(5, 4, 64, "", "1.2", journal);
        WorkPattern pattern = new WorkPattern(journal ? 1 : 2);
        try (Scratch scratch = Scratch.create()) {
            Images images = shape.create(scratch.path("images"));
            Path spare = images.directory().resolve("spare.img");
            Images.sparse(spare, ArrayShape.MEMBER_BYTES);
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                PatternWriter.fill(array.volume(), pattern);
                List<PatternWriter> writers = new ArrayList<>();
                List<Thread> threads = new ArrayList<>();
                AtomicLong generation = new AtomicLong(1);
                for (int i = 0; i < WRITERS; i++) {
                    PatternWriter.Style style = new PatternWriter.Style(i == 0 ? 512 : 4096, 8, 6000);
                    writers.add(new PatternWriter(array.volume(), pattern, style, generation, i, WRITERS, i));
                    threads.add(Thread.ofPlatform().start(writers.getLast()));
                }
                Path free = spare;
                for (int round = 0; round < ROUNDS; round++) {
                    free = exchange(array, round, free);
                }
                for (int i = 0; i < WRITERS; i++) {
                    join(threads.get(i));
                    assertNull(writers.get(i).stoppedBy());
                }
                PatternCheck check = new PatternCheck(pattern, Files.size(array.volume()));
                PatternCheck.Findings findings = check.check(
                        array.volume(), writers.stream().map(PatternWriter::log).toList());
                assertTrue(findings.sound(), findings::toString);
                array.unmount();
            }
        }
    }

    /** One member for the free device, in another way each time; returns the device that is free then. */
    private static Path exchange(MountedArray array, int round, Path free) throws IOException {
        int slot = round % 4;
        Path old = Path.of(attribute(array, "rd" + slot).split(" ", 2)[1]);
        switch (round % 3) {
            case 0 -> {
                manage(array, "fail", old).orFail();
                manage(array, "remove", old).orFail();
                manage(array, "add", Path.of("--force"), free).orFail();
            }
            case 1 -> {
                manage(array, "add", Path.of("--force"), free).orFail();
                manage(array, "fail", old).orFail();
            }
            default ->
                manage(array, "replace", Path.of("--force"), Path.of("--with"), free, old)
                        .orFail();
        }
        awaitWhole(array);
        assertEquals("in_sync " + free, attribute(array, "rd" + slot));
        if (round % 3 != 0) {
            manage(array, "remove", old).orFail();
        }
        return old;
    }

    @Test
    void whatIsRefusedIsOneLine() throws IOException {
        try (Scratch scratch = Scratch.create()) {
            Images images = ArrayShape.usual().create(scratch.path("images"));
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                Path member = images.members().getFirst();
                assertRefused("in use", manage(array, "remove", member));
                assertRefused("part of the array already", manage(array, "add", member));
                assertRefused("no device of this array", manage(array, "fail", scratch.path("nothing.img")));
                manage(array, "fail", member).orFail();
                assertRefused(
                        "cannot go on without it",
                        manage(array, "fail", images.members().get(1)));
                manage(array, "remove", member).orFail();
                Command.Result again = manage(array, "re-add", member).orFail();
                assertTrue(again.output().contains("all of it is rebuilt"), again::toString);
                awaitWhole(array);
                array.unmount();
            }
        }
    }

    /** A rebuild is cut in the middle by an unmount, and md goes on with it. */
    @Test
    @Tag("oracle")
    void mdGoesOnWithOurRebuild() throws IOException {
        Needs.oracle();
        try (Scratch scratch = Scratch.create()) {
            Images images = new ArrayShape(5, 4, 64, "", "1.2", false).create(scratch.path("images"));
            Path next = images.directory().resolve("next.img");
            Images.sparse(next, ArrayShape.MEMBER_BYTES);
            String sha256;
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                PatternWriter.fill(array.volume(), new WorkPattern(5));
                setAttribute(array, "sync_speed_max", "2000");
                Path old = images.members().get(1);
                manage(array, "fail", old).orFail();
                manage(array, "remove", old).orFail();
                manage(array, "add", next).orFail();
                while (attribute(array, "sync_completed").startsWith("0 ")) {
                    sleep();
                }
                sha256 = Digests.sha256(array.volume());
                array.unmount();
                Files.move(next, old, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
            String examined = Command.run(
                            "mdadm", "--examine", images.members().get(1).toString())
                    .output();
            assertTrue(examined.contains("Recovery Offset"), examined);
            assertEquals(new Oracle.Verdict(sha256, 0), Oracle.judge(images));
        }
    }

    private static void assertRefused(String word, Command.Result result) {
        assertEquals(1, result.exitStatus(), result::toString);
        assertEquals(1, result.errorLines().size(), result::toString);
        assertTrue(result.error().contains(word), result::toString);
    }

    private static Command.Result manage(MountedArray array, String verb, Path... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(Project.mdfuse().toString(), verb));
        command.add(array.mountPoint().toString());
        for (Path word : words) {
            command.add(word.toString());
        }
        return Command.run(command);
    }

    private static void awaitWhole(MountedArray array) throws IOException {
        Instant end = Instant.now().plus(LONGEST_REBUILD);
        while (!attribute(array, "degraded").equals("0")
                || !attribute(array, "sync_action").equals("idle")) {
            assertTrue(Instant.now().isBefore(end), "the rebuild does not end");
            sleep();
        }
    }

    private static String attribute(MountedArray array, String name) throws IOException {
        UserDefinedFileAttributeView view =
                Files.getFileAttributeView(array.volume(), UserDefinedFileAttributeView.class);
        ByteBuffer value = ByteBuffer.allocate(4096);
        view.read("md." + name, value);
        return StandardCharsets.UTF_8.decode(value.flip()).toString();
    }

    private static void setAttribute(MountedArray array, String name, String value) throws IOException {
        Files.getFileAttributeView(array.volume(), UserDefinedFileAttributeView.class)
                .write("md." + name, StandardCharsets.UTF_8.encode(value));
    }

    private static void sleep() throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static void join(Thread thread) throws IOException {
        try {
            assertTrue(thread.join(Command.LIMIT), "a writer hangs");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}

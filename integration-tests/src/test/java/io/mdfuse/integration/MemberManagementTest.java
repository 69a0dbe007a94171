package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Members are failed, removed, added and replaced with the program's own verbs, while other processes write to the
 * array.
 */
class MemberManagementTest {
    private static final int ROUNDS = 6;
    private static final int WRITERS = 2;

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingIsLostWhileMembersComeAndGo(boolean journal) throws IOException {
        TestArrayShape shape = new TestArrayShape(5, 4, 64, "", "1.2", journal);
        WorkPattern pattern = new WorkPattern(journal ? 1 : 2);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = shape.create(scratch.path("images"));
            Path spare = images.directory().resolve("spare.img");
            Images.sparse(spare, TestArrayShape.MEMBER_BYTES);
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
                    free = new MemberVerbs(array).exchange(round, free);
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

    @Test
    void aRefusalIsOneLine() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                MemberVerbs verbs = new MemberVerbs(array);
                Path member = images.members().getFirst();
                assertRefused("in use", verbs.run("remove", member));
                assertRefused("part of the array already", verbs.run("add", member));
                assertRefused("no device of this array", verbs.run("fail", scratch.path("nothing.img")));
                verbs.run("fail", member).orFail();
                assertRefused(
                        "can't go on without it",
                        verbs.run("fail", images.members().get(1)));
                verbs.run("remove", member).orFail();
                assertRefused("can't be re-added: the array has no bitmap", verbs.run("re-add", member));
                Command.Result again = verbs.run("add", member).orFail();
                assertTrue(again.output().contains("is being rebuilt as the member of slot 0"), again::toString);
                verbs.awaitWhole();
                array.unmount();
            }
        }
    }

    /** The server must not even open it: it would wait for an answer of its own. */
    @Test
    void theVolumeItselfIsNoDevice() throws IOException {
        Needs.loopDevices();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                MemberVerbs verbs = new MemberVerbs(array);
                assertRefused("leads to the volume of this mount itself", verbs.run("add", array.volume()));
                try (LoopDevice loop = LoopDevice.attach(array.volume())) {
                    assertRefused("leads to the volume of this mount itself", verbs.run("add", Path.of(loop.node())));
                }
                array.unmount();
            }
        }
    }

    private static void assertRefused(String word, Command.Result result) {
        assertEquals(1, result.exitStatus(), result::toString);
        assertEquals(1, result.errorLines().size(), result::toString);
        assertTrue(result.error().contains(word), result::toString);
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

package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.fuse.Frontend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a user relies on most, on the built program, through libfuse 2 and through libfuse 3. */
class FrontEndsTest {
    private static final int MIB = 1 << 20;

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    private static MountedArray mount(Frontend frontend, Images images, Path mountPoint, String... options)
            throws IOException {
        Needs.frontend(frontend);
        List<String> all = new ArrayList<>(List.of("-o", "frontend=" + frontend.word()));
        all.addAll(List.of(options));
        return MountedArray.mount(images, mountPoint, all.toArray(String[]::new));
    }

    private static Frontend other(Frontend frontend) {
        return frontend == Frontend.FUSE3 ? Frontend.JNR_FUSE : Frontend.FUSE3;
    }

    /** What one front end wrote the other one reads; and detail and the log say which one serves. */
    @ParameterizedTest
    @EnumSource(Frontend.class)
    void bothServeTheSameArray(Frontend frontend) throws IOException {
        Needs.frontend(other(frontend));
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            String sha256;
            String log = scratch.path("log").toString();
            try (MountedArray array = mount(frontend, images, scratch.path("mnt"), "--log", log)) {
                PatternWriter.fill(array.volume(), new WorkPattern(1));
                sha256 = Digests.sha256(array.volume());
                String detail = new MemberVerbs(array).run("detail").orFail().output();
                assertTrue(detail.contains("Front End : " + frontend.word() + " (libfuse "), detail);
                assertTrue(new MemberVerbs(array)
                        .run("detail", "--json")
                        .orFail()
                        .output()
                        .contains("\"frontend\" : \"" + frontend.word() + " (libfuse "));
                array.unmount();
            }
            assertTrue(Files.readString(Path.of(log)).contains(" is mounted by " + frontend.word()));
            try (MountedArray array = mount(other(frontend), images, scratch.path("mnt"))) {
                assertEquals(sha256, Digests.sha256(array.volume()));
                array.unmount();
            }
        }
    }

    /** Pieces of every size, direct and through the page cache, with holes punched and ranges zeroed between them. */
    @ParameterizedTest
    @EnumSource(Frontend.class)
    void writesZeroesAndTruncationsComeOutRight(Frontend frontend) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create();
                MountedArray array =
                        mount(frontend, TestArrayShape.usual().create(scratch.path("images")), scratch.path("mnt"))) {
            Path volume = array.volume();
            PatternWriter.fill(volume, new WorkPattern(2));
            byte[] expected = Files.readAllBytes(volume);
            byte[] piece = new byte[MIB];
            new Random(2).nextBytes(piece);
            Path source = Files.write(scratch.path("piece"), piece);
            for (String[] way :
                    new String[][] {{"512", "7"}, {"4096", "300"}, {"64K", "50"}, {"128K", "9", "direct"}}) {
                String flags = way.length > 2 ? "oflag=direct" : "iflag=fullblock";
                Command.run(
                                "dd",
                                "if=" + source,
                                "of=" + volume,
                                "bs=" + way[0],
                                "seek=" + way[1],
                                "conv=notrunc",
                                flags)
                        .orFail();
                int unit = Integer.parseInt(way[0].replace("K", "")) * (way[0].endsWith("K") ? 1024 : 1);
                System.arraycopy(piece, 0, expected, unit * Integer.parseInt(way[1]), piece.length);
            }
            Command.run("fallocate", "-p", "-o", "5000", "-l", "900000", volume.toString())
                    .orFail();
            Arrays.fill(expected, 5000, 905_000, (byte) 0);
            Command.run("fallocate", "-z", "-n", "-o", "2M", "-l", "1M", volume.toString())
                    .orFail();
            Arrays.fill(expected, 2 * MIB, 3 * MIB, (byte) 0);
            Command.run("truncate", "-s", "0", volume.toString()).orFail();
            Command.run("sync", volume.toString()).orFail();
            assertArrayEquals(expected, Files.readAllBytes(volume));
            // A program that truncates and skips relies on zeros in between.
            Command.run("dd", "if=" + source, "of=" + volume, "bs=1M", "count=1")
                    .orFail();
            System.arraycopy(piece, 0, expected, 0, MIB);
            assertArrayEquals(expected, Files.readAllBytes(volume));
            Command.Result full = Command.run(
                    "dd", "if=/dev/zero", "of=" + volume, "bs=1M", "seek=35", "conv=notrunc", "oflag=direct");
            assertTrue(full.error().contains("No space left on device"), full::toString);
            array.unmount();
        }
    }

    @ParameterizedTest
    @EnumSource(Frontend.class)
    void nothingFlushedIsLostWhenTheServerIsKilled(Frontend frontend) throws IOException {
        long seed = System.nanoTime();
        CrashLoad load = new CrashLoad(seed);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            MountedArray array = mount(frontend, images, scratch.path("mnt"), "--journal-mode", "write-back");
            try {
                PatternWriter.fill(array.volume(), load.pattern());
                PatternCheck check = new PatternCheck(load.pattern(), Files.size(array.volume()));
                for (int cycle = 0; cycle < 2; cycle++) {
                    List<WriteLog> logs = load.runAndKill(array);
                    array = mount(frontend, images, scratch.path("mnt"));
                    PatternCheck.Findings findings = check.check(array.volume(), logs);
                    assertTrue(findings.sound(), () -> "seed " + seed + ": " + findings);
                }
                array.unmount();
            } finally {
                array.close();
            }
        }
    }

    /** The next mount clears a dead mount point, also one of the other front end. */
    @ParameterizedTest
    @EnumSource(Frontend.class)
    void aMountAfterAKillNeedsNoCleaning(Frontend frontend) throws IOException {
        Needs.frontend(other(frontend));
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            try (MountedArray killed = mount(frontend, images, scratch.path("mnt"))) {
                killed.server().destroyForcibly();
                awaitNoServer(killed.mountPoint());
                MountedArray.tryMount(
                                images.all(),
                                killed.mountPoint(),
                                "-o",
                                "frontend=" + other(frontend).word())
                        .orFail();
                Files.readAllBytes(killed.volume());
                new MemberVerbs(killed).run("umount").orFail();
            }
        }
    }

    private static void awaitNoServer(Path mountPoint) throws IOException {
        for (int i = 0; i < 600 && !MountedArray.servers(mountPoint).isEmpty(); i++) {
            try {
                TimeUnit.MILLISECONDS.sleep(100);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        assertEquals(List.of(), MountedArray.servers(mountPoint));
    }

    /** An array that lost too much answers EIO, and can still be unmounted, which says what is lost. */
    @ParameterizedTest
    @EnumSource(Frontend.class)
    void aBrokenArrayAnswersErrorsAndEnds(Frontend frontend) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(5, 4, 64, "", "1.2", false).create(scratch.path("images"));
            try (MountedArray array = mount(frontend, images, scratch.path("mnt"))) {
                MemberVerbs verbs = new MemberVerbs(array);
                verbs.run("fail", images.members().get(0)).orFail();
                assertEquals(
                        1, verbs.run("fail", "--force", images.members().get(1)).exitStatus());
                try (FileChannel file = FileChannel.open(array.volume(), StandardOpenOption.WRITE)) {
                    IOException refused =
                            assertThrows(IOException.class, () -> file.write(ByteBuffer.allocate(4096), 0));
                    assertEquals("Input/output error", refused.getMessage());
                }
                assertEquals(1, new MemberVerbs(array).run("umount").exitStatus());
                assertFalse(MountedArray.isMounted(array.mountPoint()));
            }
        }
    }

    /** SIGTERM while a program has the file open: served for the grace time, then ended; the array is clean. */
    @ParameterizedTest
    @EnumSource(Frontend.class)
    void aSignalEndsAMountThatIsInUse(Frontend frontend) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = new TestArrayShape(5, 3, 64, "", "1.2", false).create(scratch.path("images"));
            try (MountedArray array = mount(frontend, images, scratch.path("mnt"))) {
                FileChannel user = FileChannel.open(array.volume(), StandardOpenOption.WRITE);
                array.server().destroy();
                awaitNoServer(array.mountPoint());
                assertThrows(IOException.class, () -> user.write(ByteBuffer.allocate(512), 0));
                closeAfterTheServersEnd(user);
            }
            try (MountedArray again = mount(frontend, images, scratch.path("mnt"))) {
                assertFalse(again.startMessages().contains("resync"), again.startMessages());
                again.unmount();
            }
        }
    }

    /** The error that the write got is mostly, but not always, reported by the close too. */
    private static void closeAfterTheServersEnd(FileChannel user) {
        try {
            user.close();
        } catch (IOException expected) {
            assertFalse(user.isOpen());
        }
    }

    /** On a read-only mount the kernel refuses setxattr(2), so the verb goes by ioctl(2). */
    @ParameterizedTest
    @EnumSource(Frontend.class)
    void attributesAreReadAndSet(Frontend frontend) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            try (MountedArray array = mount(frontend, images, scratch.path("mnt"))) {
                array.setAttribute("journal_mode", "write-back");
                assertEquals("write-back", array.attribute("journal_mode"));
                IOException refused = assertThrows(IOException.class, () -> array.setAttribute("level", "raid0"));
                assertTrue(String.valueOf(refused.getMessage()).contains("Operation not permitted"), refused::toString);
                array.unmount();
            }
            try (MountedArray array = mount(frontend, images, scratch.path("mnt"), "--read-only")) {
                new MemberVerbs(array).run("check").orFail();
                assertThrows(IOException.class, () -> Files.write(array.volume(), new byte[1]));
                array.unmount();
            }
        }
    }
}

package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The caller's environment, descriptors and file names must not change what mdfuse does. */
class EnvironmentTest {
    @BeforeEach
    void needs() {
        Needs.mount();
    }

    /** An array in a directory whose name is not ASCII, to be mounted at such a name. */
    private record Umlauts(Images images, Path mountPoint) {
        static Umlauts in(ScratchDirectory scratch) throws IOException {
            Images images = TestArrayShape.usual().create(scratch.path("für"));
            return new Umlauts(images, Files.createDirectory(scratch.path("bücher 本")));
        }

        List<String> mount(String... more) {
            List<String> words = new ArrayList<>(List.of("mount"));
            words.addAll(List.of(more));
            images.all().forEach(image -> words.add(image.toString()));
            words.add(mountPoint.toString());
            return words;
        }
    }

    private static Command.Result mdfuse(String environment, List<String> words) throws IOException {
        List<String> command = new ArrayList<>(List.of("env"));
        command.addAll(List.of(environment.split(" ")));
        command.add(Project.mdfuse().toString());
        command.addAll(words);
        return Command.run(command);
    }

    private static Command.Result mdfuse(String environment, String... words) throws IOException {
        return mdfuse(environment, List.of(words));
    }

    private static Command.Result shell(String script) throws IOException {
        return Command.run("sh", "-c", "m=" + Project.mdfuse() + "; " + script);
    }

    private static void assertOneLine(Command.Result result) {
        assertTrue(result.exitStatus() != 0, result::toString);
        assertEquals(1, result.errorLines().size(), result::toString);
    }

    private static void unmountQuietly(Path mountPoint) throws IOException {
        if (MountedArray.isMounted(mountPoint)) {
            Command.run(Project.mdfuse().toString(), "umount", mountPoint.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LC_ALL=C",
                "LC_ALL=POSIX",
                "LC_ALL= LC_CTYPE=C LANG=C.UTF-8",
                "LC_ALL= LC_CTYPE= LANG=C",
                "LC_ALL= LANG=xx_XX.UTF-8",
                "LC_ALL=xx_XX.UTF-8"
            })
    void namesThatAreNotAsciiWorkInEveryLocale(String locale) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Umlauts array = Umlauts.in(scratch);
            try {
                mdfuse(locale, array.mount()).orFail();
                assertTrue(mdfuse(locale, "detail", array.mountPoint().toString())
                        .orFail()
                        .output()
                        .contains("für"));
                mdfuse(locale, "umount", array.mountPoint().toString()).orFail();
            } finally {
                unmountQuietlyEvenIfUnlisted(array.mountPoint());
            }
            String first = array.images().members().getFirst().toString();
            assertTrue(mdfuse(locale, "examine", first).orFail().output().startsWith(first));
        }
    }

    private static void unmountQuietlyEvenIfUnlisted(Path mountPoint) throws IOException {
        Command.run(Project.mdfuse().toString(), "umount", mountPoint.toString());
    }

    @Test
    void aForegroundMountTakesSuchNamesToo() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Umlauts array = Umlauts.in(scratch);
            String words = "\"" + String.join("\" \"", array.mount("--foreground")) + "\"";
            Command.Result result = shell("export LC_ALL=C; $m " + words + " & i=0; "
                    + "while [ $i -lt 300 ] && ! mountpoint -q \"" + array.mountPoint()
                    + "\"; do sleep 0.1; i=$((i+1)); done; $m umount \"" + array.mountPoint() + "\" && wait $!");
            assertEquals(0, result.exitStatus(), result::toString);
        }
    }

    @Test
    void aNameInAnotherEncodingIsOneLineAndItsDirectoryCanBeGiven() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            shell("cd " + images.directory() + " && for i in *; do mv $i \"$(printf '\\374')$i\"; done")
                    .orFail();
            Command.Result named = shell("$m examine " + images.directory() + "/*disk0.img");
            assertOneLine(named);
            assertTrue(named.error().contains("\\xFCdisk0.img"), named::toString);
            Path mountPoint = Files.createDirectory(scratch.path("mnt"));
            Command.Result inside =
                    shell("cd " + scratch.directory() + " && mkdir \"$(printf 'd\\374')\" && cd d* && $m examine"
                            + " ../images; status=$?; cd ..; rmdir d*; exit $status");
            assertOneLine(inside);
            assertTrue(inside.error().contains("working directory"), inside::toString);
            try {
                mdfuse("LC_ALL=C", "mount", images.directory().toString(), mountPoint.toString())
                        .orFail();
            } finally {
                unmountQuietly(mountPoint);
            }
            shell("cd " + images.directory() + " && for i in *; do mv $i \"$(printf %s $i | tail -c +2)\"; done; rm -f "
                    + images.directory() + "/*");
        }
    }

    @Test
    void anImageCalledAtSignSomethingIsAnImage() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Files.copy(images.members().getFirst(), images.directory().resolve("@disk1.img"));
            Command.Result examined = shell("cd " + images.directory() + " && $m examine @disk1.img");
            assertTrue(examined.orFail().output().startsWith("@disk1.img:"), examined::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"})
    void optionsForEveryJavaAreNotForThisOne(String variable) throws IOException {
        Command.Result version = mdfuse(variable + "=-XX:+UseZGC", "--version").orFail();
        assertEquals("", version.error());
        assertEquals(1, version.output().lines().count());
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Umlauts array = Umlauts.in(scratch);
            try {
                Command.Result mounted = mdfuse(variable + "=-javaagent:/nowhere.jar", array.mount())
                        .orFail();
                assertEquals("", mounted.error());
            } finally {
                unmountQuietlyEvenIfUnlisted(array.mountPoint());
            }
        }
    }

    @Test
    void anAnswerThatCannotBeWrittenIsAFailure() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            String first = images.members().getFirst().toString();
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                for (String words : List.of(
                        "examine " + first,
                        "examine --json " + first,
                        "detail " + array.mountPoint(),
                        "check " + array.mountPoint(),
                        "help",
                        "help mount",
                        "mount --help",
                        "--version",
                        "create --level 5 --raid-devices 3 --size 5M $(mktemp -u -p " + scratch.directory() + " a.XXX) "
                                + scratch.path("b") + " " + scratch.path("c"))) {
                    for (String lost : List.of(">/dev/full", ">&-")) {
                        Command.Result result = shell(
                                "rm -f " + scratch.path("b") + " " + scratch.path("c") + "; $m " + words + " " + lost);
                        assertOneLine(result);
                        assertTrue(result.error().contains("standard output"), result::toString);
                    }
                }
                array.unmount();
            }
        }
    }

    /**
     * If only the report can't be printed, the one line of error says that the change was made, since repeating it may
     * do harm.
     */
    @Test
    void aLostReportStillSaysWhatWasDone() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            String made = "cd " + scratch.directory() + "; $m ";
            assertDone(
                    "array ",
                    shell(made + "create --level 5 --raid-devices 3 --size 32M --assume-clean a b c >/dev/full"));
            assertTrue(Files.exists(scratch.path("c")));
            Path mountPoint = Files.createDirectory(scratch.path("mnt"));
            assertDone("the array is mounted on mnt", shell(made + "mount --run a b mnt >/dev/full"));
            try {
                assertDone("added ", shell(made + "add --force mnt c >/dev/full"));
                shell(made + "wait mnt").orFail();
                assertDone("mismatch_cnt: 0 sectors", shell(made + "check mnt >/dev/full"));
                assertDone("mismatch_cnt: 0 sectors", shell(made + "repair mnt >/dev/full"));
                assertDone("has failed", shell(made + "fail mnt c >/dev/full"));
                assertDone("removed ", shell(made + "remove mnt c >/dev/full"));
            } finally {
                shell(made + "umount " + mountPoint).orFail();
            }
        }
    }

    private static void assertDone(String what, Command.Result result) {
        assertOneLine(result);
        assertEquals(1, result.exitStatus(), result::toString);
        assertTrue(result.error().contains("only the report is lost, this was done: "), result::toString);
        assertTrue(result.error().contains(what), result::toString);
    }

    @Test
    void aClosedPipeIsNotReportedAsAFault() throws IOException {
        Command.Result result = shell("{ $m help mount; echo status $? >&2; } | true");
        assertEquals("status 141\n", result.error(), result::toString);
    }

    /**
     * Java itself would open files at two of the three descriptors, and the first member's image would become standard
     * error.
     */
    @Test
    void noMemberBecomesStandardError() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Path mountPoint = Files.createDirectory(scratch.path("mnt"));
            // A file that is still open when the signal comes makes the process warn on standard error.
            Command.Result result = shell("$m mount --foreground " + images.directory() + " " + mountPoint
                    + " <&- >&- 2>&- & i=0; while [ $i -lt 600 ] && ! [ -n \"$(ls " + mountPoint
                    + ")\" ]; do sleep 0.1; i=$((i+1)); done; exec 3<\"$(echo " + mountPoint
                    + "/*)\"; kill $!; sleep 2;"
                    + " exec 3<&-; wait $!");
            assertEquals(0, result.exitStatus(), result::toString);
            for (Path image : images.all()) {
                // Metadata 1.2 does not use the first 4 KiB.
                try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ)) {
                    ByteBuffer first = ByteBuffer.allocate(4096);
                    channel.read(first, 0);
                    assertEquals(-1, first.flip().mismatch(ByteBuffer.allocate(4096)), image::toString);
                }
            }
        }
    }

    /**
     * The next file that is opened gets the descriptor that the caller closed. That file must not be a device of the
     * array.
     */
    @ParameterizedTest
    @ValueSource(strings = {"<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"})
    void closedDescriptorsChangeNothing(String closed) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Path mountPoint = Files.createDirectory(scratch.path("mnt"));
            Map<String, String> before = images.digests();
            String mount = "$m mount --read-only " + images.directory() + " " + mountPoint + " " + closed;
            try {
                Command.Result mounted = shell(mount);
                // Without standard output the report is lost, and the status says so; the array is mounted all the
                // same.
                int expected = closed.matches("(.* )?>&-.*") ? 1 : 0;
                assertEquals(expected, mounted.exitStatus(), mounted::toString);
                shell("dd if=\"$(echo " + mountPoint + "/*)\" of=/dev/null bs=1M status=none")
                        .orFail();
                Command.Result second = shell(mount);
                assertTrue(second.exitStatus() != 0, second::toString);
            } finally {
                unmountQuietly(mountPoint);
            }
            assertEquals(before, images.digests());
        }
    }
}

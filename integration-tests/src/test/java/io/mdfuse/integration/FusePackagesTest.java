package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.fuse.Frontend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What mdfuse does if a part of FUSE is missing. Debian's fuse package removes fuse3 and what needs it, sshfs for one:
 * no message must advise it. The parts are hidden in a separate mount namespace of the command.
 */
class FusePackagesTest {
    private static final String HIDE =
            "hide() { for f in \"$@\"; do [ ! -e \"$f\" ] || mount --bind /dev/null \"$f\"; done; }; ";

    @BeforeEach
    void needs() {
        Needs.mount();
        // For the mount namespace.
        Needs.loopDevices();
    }

    private static Command.Result inOwnNameSpace(String script) throws IOException {
        return Command.run(
                "unshare",
                "--mount",
                "--propagation",
                "slave",
                "sh",
                "-c",
                HIDE + "m=" + Project.mdfuse() + "; " + script);
    }

    private static final String HIDE_LIBRARY = "hide $(ldconfig -p | sed -n 's/.*%s .*=> //p'); ";

    @ParameterizedTest
    @CsvSource({
        // The libraries that are hidden, the option, and the end of the refusal.
        "libfuse.so.2, -o frontend=jnr-fuse, apt install libfuse2",
        "libfuse3.so.3 libfuse3.so.4, -o frontend=fuse3, apt install fuse3",
        "libfuse.so.2 libfuse3.so.3 libfuse3.so.4, --run, apt install fuse3",
    })
    void withoutTheLibraryThatPackageAloneIsAdvised(String libraries, String option, String advice) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Path mountPoint = Files.createDirectory(scratch.path("mnt"));
            List<String> before = Digests.sha256(images.all());
            StringBuilder script = new StringBuilder();
            for (String library : libraries.split(" ", -1)) {
                script.append(HIDE_LIBRARY.formatted(library));
            }
            Command.Result result =
                    inOwnNameSpace(script + "$m mount " + option + " " + images.directory() + " " + mountPoint);
            assertEquals(1, result.exitStatus(), result::toString);
            assertTrue(result.error().strip().endsWith(advice), result::toString);
            assertEquals(1, result.errorLines().size(), result::toString);
            assertEquals(before, Digests.sha256(images.all()));
        }
    }

    @ParameterizedTest
    @CsvSource({
        // The libraries that are hidden, and the front end that serves.
        "libfuse.so.2, FUSE3",
        "libfuse3.so.3 libfuse3.so.4, JNR_FUSE",
        "libmissing.so, FUSE3",
    })
    void theLibraryThatIsThereServesAndLibfuse3First(String libraries, Frontend frontend) throws IOException {
        Needs.frontend(frontend);
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Path mountPoint = Files.createDirectory(scratch.path("mnt"));
            StringBuilder script = new StringBuilder("unset MDFUSE_FRONTEND; ");
            for (String library : libraries.split(" ", -1)) {
                script.append(HIDE_LIBRARY.formatted(library));
            }
            Command.Result result = inOwnNameSpace(script + "$m mount " + images.directory() + " " + mountPoint
                    + " && $m detail " + mountPoint + "; $m umount " + mountPoint);
            assertEquals(0, result.exitStatus(), result::toString);
            assertTrue(result.output().contains("Front End : " + frontend.word()), result::toString);
        }
    }

    @Test
    void anUnknownFrontEndIsRefused() throws IOException {
        Command.Result result =
                Command.run(Project.mdfuse().toString(), "mount", "-o", "frontend=fuse4", "/nowhere", "/tmp");
        assertEquals(2, result.exitStatus(), result::toString);
        assertTrue(result.error().contains("-o frontend= takes jnr-fuse or fuse3"), result::toString);
    }

    @Test
    void withoutAnyFusermountRootStillUnmounts() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Path mountPoint = Files.createDirectory(scratch.path("mnt"));
            Command.Result result = inOwnNameSpace("hide /usr/bin/fusermount /usr/bin/fusermount3; $m mount "
                    + images.directory() + " " + mountPoint + " && $m umount " + mountPoint);
            assertEquals(0, result.exitStatus(), result::toString);
            assertFalse(MountedArray.isMounted(mountPoint));
        }
    }

    @Test
    void noScriptAsksForThePackageThatRemovesFuse3() throws IOException {
        String script = Files.readString(Project.script("packages.sh"));
        assertFalse(script.matches("(?s).*need \\S+ fuse[ ;\\n].*"), "packages.sh installs fuse");
        assertTrue(script.contains("need fusermount3 fuse3"));
    }
}

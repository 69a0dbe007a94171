package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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

    @Test
    void withoutTheLibraryThatPackageAloneIsAdvised() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            Path mountPoint = Files.createDirectory(scratch.path("mnt"));
            Command.Result result = inOwnNameSpace("hide $(ldconfig -p | sed -n 's/.*libfuse.so.2 .*=> //p'); $m mount "
                    + images.directory() + " " + mountPoint);
            assertEquals(1, result.exitStatus(), result::toString);
            assertTrue(result.error().strip().endsWith("apt install libfuse2"), result::toString);
        }
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

package io.mdfuse.integration;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a test needs of the machine. Where it is missing the test is left out, with one line that says why. */
final class Needs {
    private Needs() {}

    /** The built program and a kernel that mounts it. */
    static void mount() {
        assumeTrue(Files.isExecutable(Project.mdfuse()), "dist/mdfuse is not built: make build");
        assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "no /dev/fuse on this machine: load the fuse module");
        program("fusermount", "fuse3");
    }

    /** Root and a kernel with loop devices. */
    static void loopDevices() {
        assumeTrue("root".equals(System.getProperty("user.name")), "loop devices need root");
        assumeTrue(Files.exists(Path.of("/dev/loop-control")), "no /dev/loop-control: the kernel has no loop devices");
        program("losetup", "mount");
    }

    /** The real md driver, built as a process. */
    static void oracle() {
        assumeTrue(Files.isExecutable(Oracle.kernel()), "the oracle's kernel is not built: make oracle");
        program("mdadm", "mdadm");
    }

    /** The newest md driver that Debian packages, built as a process, and its mdadm. */
    static void newestOracle() {
        for (Path part : Oracle.newest()) {
            assumeTrue(Files.isExecutable(part), "the second oracle is not built: make oracle");
        }
        program("mdadm", "mdadm");
    }

    /** A program of a Debian package. */
    static void program(String name, String debianPackage) {
        boolean found = List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin").stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
        assumeTrue(found, "no " + name + " on this machine: apt-get install " + debianPackage);
    }
}

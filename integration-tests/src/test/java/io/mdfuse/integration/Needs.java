package io.mdfuse.integration;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mdfuse.fuse.Frontend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a test needs of the machine. If it is missing the test is skipped, with one line that says why. */
final class Needs {
    private Needs() {}

    /** The built program and a kernel that mounts it. */
    static void mount() {
        assumeTrue(Files.isExecutable(Project.mdfuse()), "dist/mdfuse is not built: make build");
        assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "no /dev/fuse on this machine: load the fuse module");
        oneOf("fuse3", "fusermount3", "fusermount");
    }

    /** The library of a front end. */
    static void frontend(Frontend frontend) {
        String soname = frontend == Frontend.FUSE3 ? "libfuse3\\.so\\.[34]" : "libfuse\\.so\\.2";
        boolean found = Stream.of("/lib", "/usr/lib", "/usr/local/lib", "/lib64", "/usr/lib64")
                .map(Path::of)
                .filter(Files::isDirectory)
                .anyMatch(directory -> holds(directory, soname));
        assumeTrue(
                found,
                "no " + soname.replace("\\", "") + " on this machine: apt-get install "
                        + (frontend == Frontend.FUSE3 ? "fuse3" : "libfuse2"));
    }

    private static boolean holds(Path directory, String pattern) {
        try (Stream<Path> files = Files.find(
                directory, 2, (path, _) -> path.getFileName().toString().matches(pattern))) {
            return files.findAny().isPresent();
        } catch (IOException | UncheckedIOException unreadable) {
            return false;
        }
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
        oneOf(debianPackage, name);
    }

    private static void oneOf(String debianPackage, String... names) {
        boolean found = List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin").stream()
                .flatMap(directory -> Stream.of(names).map(name -> Path.of(directory, name)))
                .anyMatch(Files::isExecutable);
        assumeTrue(found, "no " + names[0] + " on this machine: apt-get install " + debianPackage);
    }
}

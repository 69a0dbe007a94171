package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Sparse images on a file system that becomes full: the writer gets "No space left on device", no member is failed, the
 * array stops cleanly, and continues when there is space.
 */
class FullHostTest {
    private static final int MIB = 1 << 20;

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.loopDevices();
    }

    @ParameterizedTest
    @CsvSource({
        "5, 4, none, resync",
        "6, 5, none, bitmap",
        "5, 3, none, ppl",
        "4, 3, write-through, journal",
        "5, 3, write-back, journal",
        "6, 4, write-back, journal"
    })
    void aFullFileSystemCostsNoMember(int level, int disks, String journalMode, String policy) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Path host = Files.createDirectory(scratch.path("host"));
            Command.run("mount", "-t", "tmpfs", "-o", "size=96m", "none", host.toString())
                    .orFail();
            try {
                fillAndGoOn(host, scratch.path("mnt"), level, disks, journalMode, policy);
            } finally {
                Command.run("umount", "-l", host.toString()).orFail();
            }
        }
    }

    private static void fillAndGoOn(Path host, Path mountPoint, int level, int disks, String journalMode, String policy)
            throws IOException {
        Images images = create(host, level, disks, policy);
        String[] options = journalMode.equals("none") ? new String[0] : new String[] {"--journal-mode", journalMode};
        Path pattern = mountPoint.resolveSibling("pattern");
        Command.run("dd", "if=/dev/urandom", "of=" + pattern, "bs=1M", "count=100")
                .orFail();
        long written;
        try (MountedArray array = MountedArray.mount(images, mountPoint, options)) {
            Command.Result full = dd(pattern, array.volume());
            assertTrue(full.exitStatus() != 0, "100 MiB went into 96 MiB");
            assertTrue(full.error().contains("No space left on device"), full::error);
            assertEquals("0", array.attribute("degraded"));
            written = mibWritten(full.error());
            assertSame(pattern, array.volume(), written);
            array.unmount();
        }
        // The array stopped cleanly without free space, and starts again without any.
        try (MountedArray array = MountedArray.mount(images, mountPoint, options)) {
            assertEquals("0", array.attribute("degraded"));
            assertTrue(!array.startMessages().contains("resync"), array::startMessages);
            assertSame(pattern, array.volume(), written);
            Command.run("mount", "-o", "remount,size=400m", host.toString()).orFail();
            dd(pattern, array.volume()).orFail();
            assertSame(pattern, array.volume(), 100);
            Command.run(Project.mdfuse().toString(), "check", mountPoint.toString())
                    .orFail();
            assertEquals("0", array.attribute("mismatch_cnt"));
            array.unmount();
        }
    }

    @Test
    void imagesLargerThanTheFreeSpaceAreReportedAndPreallocateRefusesThem() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Path host = Files.createDirectory(scratch.path("host"));
            Command.run("mount", "-t", "tmpfs", "-o", "size=96m", "none", host.toString())
                    .orFail();
            try {
                Command.Result refused = create(host, "--size", "64M", "--preallocate");
                assertEquals(1, refused.exitStatus(), refused::toString);
                assertTrue(
                        refused.error().contains("192 MiB") && refused.error().contains(host.toString()),
                        refused::error);
                assertTrue(Images.in(host).members().isEmpty(), "a refused creation left images behind");

                Command.Result reserved = create(host, "--size", "24M", "--preallocate");
                assertEquals(0, reserved.exitStatus(), reserved::toString);
                long freeBytes = Files.getFileStore(host).getUsableSpace();
                assertTrue(freeBytes <= 24L * MIB, "only " + (96L * MIB - freeBytes) + " bytes were reserved");
                for (Path image : Images.in(host).members()) {
                    Files.delete(image);
                }

                Command.Result sparse = create(host, "--size", "64M");
                assertEquals(0, sparse.exitStatus(), sparse::toString);
                assertEquals(1, sparse.errorLines().size(), sparse::error);
                assertTrue(
                        sparse.error().startsWith("warning: ") && sparse.error().contains("192 MiB"), sparse::error);
            } finally {
                Command.run("umount", "-l", host.toString()).orFail();
            }
        }
    }

    /**
     * A rebuild onto a full host continues when there is space: wait reports the lack of space once, and reports an
     * unmount before the end.
     */
    @Test
    void waitSaysWhatARebuildWaitsFor() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Path host = Files.createDirectory(scratch.path("host"));
            Images images = create(Files.createDirectory(scratch.path("images")), 5, 3, "resync");
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                PatternWriter.fill(array.volume(), new WorkPattern(3));
                new MemberVerbs(array).run("wait").orFail();
                array.unmount();
            }
            Images two = new Images(images.directory(), images.members().subList(0, 2), null);
            Command.run("mount", "-t", "tmpfs", "-o", "size=8m", "none", host.toString())
                    .orFail();
            try (MountedArray array = MountedArray.mount(two, scratch.path("mnt"), "--run")) {
                MemberVerbs verbs = new MemberVerbs(array);
                Images.sparse(host.resolve("new.img"), 64L * MIB);
                verbs.run("add", host.resolve("new.img")).orFail();
                verbs.await(() -> array.attribute("sync_trouble").contains("waits for room"));
                String wait = Project.mdfuse() + " wait " + array.mountPoint();
                // Each read by wait makes the mount busy for a moment, and umount may be refused then.
                String umount = Project.mdfuse() + " umount " + array.mountPoint() + " >/dev/null 2>&1";
                Command.Result waited = Command.run(
                        "timeout",
                        "60",
                        "bash",
                        "-c",
                        wait + " & sleep 2; until " + umount + "; do sleep 0.03; done; wait $!");
                assertEquals(1, waited.exitStatus(), waited::toString);
                assertEquals(1, waited.output().lines().count(), waited::toString);
                assertTrue(
                        waited.output().matches("recover: [0-9.]+% complete.*; the rebuild waits for room: .*\n"),
                        waited::toString);
                String end = waited.error() + waited.output();
                assertTrue(
                        end.contains("was unmounted before the end of this: recover: ")
                                || end.contains("the array is still degraded"),
                        waited::toString);
            } finally {
                Command.run("umount", "-l", host.toString()).orFail();
            }
        }
    }

    private static Command.Result create(Path host, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(Project.mdfuse().toString(), "create", "--level", "5"));
        command.addAll(List.of("--raid-devices", "3"));
        command.addAll(List.of(options));
        for (int disk = 0; disk < 3; disk++) {
            command.add(host.resolve("disk" + disk + ".img").toString());
        }
        return Command.run(command);
    }

    private static Images create(Path host, int level, int disks, String policy) throws IOException {
        List<String> command = new ArrayList<>(List.of(Project.mdfuse().toString(), "create"));
        command.addAll(List.of("--level", "" + level, "--raid-devices", "" + disks, "--size", "64M", "--name", "v"));
        if (policy.equals("journal")) {
            Images.sparse(host.resolve("journal.img"), 24L * MIB);
            command.addAll(
                    List.of("--write-journal", host.resolve("journal.img").toString()));
        } else {
            command.addAll(List.of("--consistency-policy", policy));
        }
        for (int disk = 0; disk < disks; disk++) {
            command.add(host.resolve("disk" + disk + ".img").toString());
        }
        Command.run(command).orFail();
        return Images.in(host);
    }

    private static Command.Result dd(Path from, Path volume) throws IOException {
        return Command.run("dd", "if=" + from, "of=" + volume, "bs=1M", "conv=notrunc,fsync");
    }

    /** The number of complete blocks that dd reports as written. */
    private static long mibWritten(String output) {
        String records = output.lines()
                .filter(line -> line.contains("records out"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(records.substring(0, records.indexOf('+')));
    }

    private static void assertSame(Path pattern, Path volume, long mib) throws IOException {
        assertTrue(mib > 10, "only " + mib + " MiB were written");
        Command.run("cmp", "-n", "" + mib * MIB, pattern.toString(), volume.toString())
                .orFail();
    }
}

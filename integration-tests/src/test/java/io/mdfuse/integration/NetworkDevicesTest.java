package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.nbd.NbdServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Members and journals that real NBD servers serve, through the built program. */
class NetworkDevicesTest {
    private static final long MEMBER_BYTES = 32 << 20;

    @BeforeEach
    void needs() {
        Needs.mount();
        Needs.program("nbdkit", "nbdkit");
        Needs.program("qemu-nbd", "qemu-utils");
        Needs.program("fio", "fio");
    }

    private static Command.Result mdfuse(String verb, List<String> options, List<?> devices) throws IOException {
        List<String> command = new ArrayList<>(List.of(Project.mdfuse().toString(), verb));
        command.addAll(options);
        devices.forEach(device -> command.add(device.toString()));
        return Command.run(command);
    }

    /** nbdkit with every file of a directory as an export. */
    private static NbdServer serve(ScratchDirectory scratch, String name, int images) throws Exception {
        Path directory = Files.createDirectories(scratch.path(name));
        for (int image = 0; image < images; image++) {
            Images.sparse(directory.resolve("disk" + image), MEMBER_BYTES);
        }
        return NbdServer.nbdkit(scratch.path(name + ".socket"), "file", "dir=" + directory);
    }

    private static String export(NbdServer server, int image) {
        return server.uri().replace("///", "///disk" + image);
    }

    private static Command.Result fio(Path volume, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "fio",
                "--name=load",
                "--filename=" + volume,
                "--rw=randwrite",
                "--bs=16k",
                "--size=8M",
                "--direct=1",
                "--ioengine=libaio",
                "--iodepth=8",
                "--verify=crc32c",
                "--verify_fatal=1",
                "--verify_state_save=0"));
        command.addAll(List.of(more));
        return Command.run(command);
    }

    /** What a process has written to files so far. */
    private static long writtenBytes(NbdServer server) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + server.pid() + "/io"))) {
            if (line.startsWith("wchar: ")) {
                return Long.parseLong(line.substring("wchar: ".length()));
            }
        }
        throw new IOException("no wchar in /proc/PID/io");
    }

    @Test
    void aServerThatIsKilledUnderLoadComesBackByTheBitmap() throws Exception {
        try (ScratchDirectory scratch = ScratchDirectory.create();
                NbdServer first = serve(scratch, "first", 2);
                NbdServer second = serve(scratch, "second", 2);
                NbdServer third = serve(scratch, "third", 1)) {
            List<String> lost = List.of(export(first, 0), export(first, 1));
            List<String> members = new ArrayList<>(lost);
            members.addAll(List.of(export(second, 0), export(second, 1), export(third, 0)));
            mdfuse(
                            "create",
                            List.of("-l", "6", "-n", "5", "-b", "internal", "--bitmap-chunk", "1M", "--assume-clean"),
                            members)
                    .orFail();
            try (MountedArray array = MountedArray.mount(members, scratch.path("mnt"))) {
                MemberVerbs verbs = new MemberVerbs(array);
                fio(array.volume(), "--offset=64M", "--randseed=1").orFail();
                CompletableFuture<Command.Result> load = CompletableFuture.supplyAsync(() -> {
                    try {
                        return fio(array.volume(), "--randseed=2", "--rate_iops=300");
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                });
                long before = writtenBytes(first);
                verbs.await(() -> writtenBytes(first) > before + (1 << 20));
                first.kill();
                verbs.await(() -> array.attribute("degraded").equals("2"));
                load.join().orFail();

                first.restart();
                for (String member : lost) {
                    verbs.run("remove", member).orFail();
                    verbs.run("re-add", member).orFail();
                }
                verbs.awaitWhole();
                long copied = writtenBytes(first);
                assertTrue(copied < MEMBER_BYTES / 2, copied + " bytes were copied to two members");
                assertEquals(
                        "mismatch_cnt: 0 sectors\n", verbs.run("check").orFail().output());
                array.unmount();
            }
            try (MountedArray array = MountedArray.mount(members, scratch.path("mnt"))) {
                fio(array.volume(), "--offset=64M", "--randseed=1", "--verify_only")
                        .orFail();
                fio(array.volume(), "--randseed=2", "--verify_only").orFail();
                array.unmount();
            }
        }
    }

    /** A qcow2 image, a server that is slow and fails now and then, and the journal; at the end a split image too. */
    @Test
    void imagesOfOtherFormatsAreMembers() throws Exception {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            String qcow = scratch.path("disk.qcow2").toString();
            Command.run("qemu-img", "create", "-f", "qcow2", qcow, "32M").orFail();
            for (String name : List.of("plain", "slow")) {
                Images.sparse(scratch.path(name), MEMBER_BYTES);
            }
            Images.sparse(scratch.path("journal"), MEMBER_BYTES / 4);
            String plain = scratch.path("plain").toString();
            Path trouble = scratch.path("trouble");
            try (NbdServer first = NbdServer.qemu(scratch.path("a"), "--format=qcow2", qcow);
                    NbdServer second = slowServer(scratch, trouble);
                    NbdServer journal = NbdServer.nbdkit(
                            scratch.path("d"), "file", scratch.path("journal").toString())) {
                List<String> members = List.of(first.uri(), second.uri(), plain);
                mdfuse("create", List.of("-l", "5", "-n", "3", "--write-journal", journal.uri()), members)
                        .orFail();
                List<String> all = List.of(first.uri(), second.uri(), plain, journal.uri());
                try (MountedArray array = MountedArray.mount(all, scratch.path("mnt"))) {
                    new MemberVerbs(array).awaitWhole();
                    Files.createFile(trouble);
                    fio(array.volume(), "--randseed=3").orFail();
                    Files.delete(trouble);
                    assertEquals("0", array.attribute("degraded"));
                    array.unmount();
                }
                String listed = mdfuse("examine", List.of(), members).orFail().output();
                assertTrue(listed.contains(first.uri()), listed);
                mdfuse("export", List.of("--output", scratch.path("copy").toString()), all)
                        .orFail();
                fio(scratch.path("copy"), "--randseed=3", "--verify_only").orFail();
                verifySplit(scratch, all);
            }
        }
    }

    private static NbdServer slowServer(ScratchDirectory scratch, Path trouble) throws Exception {
        return NbdServer.nbdkit(
                scratch.path("b"),
                "--filter=error",
                "--filter=delay",
                "file",
                scratch.path("slow").toString(),
                "rdelay=2ms",
                "wdelay=2ms",
                "error-pread=EIO",
                "error-pread-rate=20%",
                "error-pread-file=" + trouble);
    }

    /** nbdkit's split plugin offers no flush, so such an image is only read: it gives what was exported before. */
    private static void verifySplit(ScratchDirectory scratch, List<String> devices) throws Exception {
        String image = devices.get(2);
        Command.run("split", "-b", "16M", image, image + ".").orFail();
        try (NbdServer split = NbdServer.nbdkit(scratch.path("c"), "split", image + ".aa", image + ".ab")) {
            List<String> named = new ArrayList<>(devices);
            named.set(2, split.uri());
            Command.Result refused = mdfuse("mount", List.of(), concat(named, scratch.path("mnt")));
            assertNotEquals(0, refused.exitStatus());
            assertTrue(refused.error().contains("neither flush nor FUA"), refused::toString);
            try (MountedArray array = MountedArray.mount(named, scratch.path("mnt"), "--read-only")) {
                assertEquals(Digests.sha256(scratch.path("copy")), Digests.sha256(array.volume()));
                array.unmount();
            }
        }
    }

    private static List<String> concat(List<String> devices, Path mountPoint) {
        List<String> all = new ArrayList<>(devices);
        all.add(mountPoint.toString());
        return all;
    }

    @Test
    void whatCannotBeUsedIsOneLine() throws Exception {
        try (ScratchDirectory scratch = ScratchDirectory.create();
                NbdServer server = serve(scratch, "server", 2)) {
            List<String> members = List.of(export(server, 0), export(server, 1), export(server, 7));
            List<Path> images = List.of(scratch.path("server/disk0"), scratch.path("server/disk1"));
            String before = Digests.sha256(images.getFirst());
            for (List<String> options : List.of(
                    List.of("create", "-l", "5", "-n", "3"), List.of("mount", "--read-only"), List.of("examine"))) {
                List<String> devices = new ArrayList<>(members);
                if (options.getFirst().equals("mount")) {
                    devices.add(Files.createDirectories(scratch.path("mnt")).toString());
                }
                Command.Result result = mdfuse(options.getFirst(), options.subList(1, options.size()), devices);
                assertNotEquals(0, result.exitStatus());
                String line = result.errorLines().getLast();
                assertTrue(line.contains("disk7") || line.contains("disk0"), line);
                assertEquals(
                        options.getFirst().equals("examine") ? 3 : 1,
                        result.errorLines().size(),
                        result::toString);
            }
            assertEquals(before, Digests.sha256(images.getFirst()));
        }
    }
}

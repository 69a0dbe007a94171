package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tools that people use on a block device, on the file of the array. */
class BlockToolsTest {
    @BeforeEach
    void needs() {
        Needs.mount();
    }

    @ParameterizedTest
    @CsvSource({"512,false", "4096,false", "65536,false", "4194304,false", "4096,true", "131072,true", "4194304,true"})
    void ddCopiesInAndOut(int blockBytes, boolean direct) throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create();
                MountedArray array = MountedArray.mount(
                        TestArrayShape.usual().create(scratch.path("images")), scratch.path("mnt"))) {
            Path source = scratch.path("source");
            byte[] content = new byte[blockBytes <= 4096 ? 1 << 20 : 9 << 20];
            new Random(blockBytes).nextBytes(content);
            Files.write(source, content);

            List<String> in = new ArrayList<>(List.of("dd", "if=" + source, "of=" + array.volume()));
            in.addAll(List.of("bs=" + blockBytes, "conv=fsync"));
            if (direct) {
                in.add("oflag=direct");
            }
            Command.run(in).orFail();
            Path back = scratch.path("back");
            List<String> out = new ArrayList<>(List.of("dd", "if=" + array.volume(), "of=" + back));
            out.addAll(List.of("bs=" + blockBytes, "iflag=fullblock" + (direct ? ",direct" : "")));
            Command.run(out).orFail();

            assertEquals(Files.size(array.volume()), Files.size(back));
            assertArrayEquals(content, Arrays.copyOf(Files.readAllBytes(back), content.length));
            array.unmount();
        }
    }

    /** Written in the middle with conv=notrunc: the bytes around it do not change. */
    @Test
    void ddInTheMiddleLeavesItsNeighboursAlone() throws IOException {
        try (ScratchDirectory scratch = ScratchDirectory.create();
                MountedArray array = MountedArray.mount(
                        TestArrayShape.usual().create(scratch.path("images")), scratch.path("mnt"))) {
            WorkPattern pattern = new WorkPattern(1);
            PatternWriter.fill(array.volume(), pattern);
            byte[] expected = Files.readAllBytes(array.volume());
            Path source = scratch.path("source");
            byte[] piece = new byte[3 * 700];
            new Random(1).nextBytes(piece);
            Files.write(source, piece);

            Command.run("dd", "if=" + source, "of=" + array.volume(), "bs=700", "seek=1001", "conv=notrunc,fsync")
                    .orFail();

            System.arraycopy(piece, 0, expected, 700 * 1001, piece.length);
            assertArrayEquals(expected, Files.readAllBytes(array.volume()));
            array.unmount();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "on"})
    void aFileSystemLivesOnALoopDevice(String directIo) throws IOException {
        Needs.loopDevices();
        Needs.program("mkfs.ext4", "e2fsprogs");
        try (ScratchDirectory scratch = ScratchDirectory.create();
                MountedArray array = MountedArray.mount(
                        TestArrayShape.usual().create(scratch.path("images")), scratch.path("mnt"))) {
            byte[] content = new byte[5 << 20];
            new Random(7).nextBytes(content);
            Path ext4 = Files.createDirectory(scratch.path("ext4"));
            try (LoopDevice loop = LoopDevice.attach(array.volume(), "--direct-io=" + directIo)) {
                Command.run("mkfs.ext4", "-q", "-F", loop.node()).orFail();
                try (LoopDevice.FileSystem mounted = loop.mount(ext4)) {
                    Files.write(ext4.resolve("file"), content);
                    Files.write(ext4.resolve("doomed"), content);
                    Command.run("sync", ext4.resolve("file").toString()).orFail();
                    Files.delete(ext4.resolve("doomed"));
                    Command.run("fstrim", mounted.mountPoint().toString()).orFail();
                }
                Command.run("fsck.ext4", "-fn", loop.node()).orFail();
            }
            array.unmount();
        }
    }

    /** The server is killed under a file system: everything that was synced is there, and fsck finds no fault. */
    @Test
    void aFileSystemOutlivesACrash() throws IOException {
        Needs.loopDevices();
        Needs.program("mkfs.ext4", "e2fsprogs");
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = TestArrayShape.usual().create(scratch.path("images"));
            byte[] content = new byte[3 << 20];
            new Random(8).nextBytes(content);
            Path ext4 = Files.createDirectory(scratch.path("ext4"));
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"));
                    LoopDevice loop = LoopDevice.attach(array.volume())) {
                Command.run("mkfs.ext4", "-q", "-F", loop.node()).orFail();
                try (LoopDevice.FileSystem mounted = loop.mount(ext4)) {
                    Path file = mounted.mountPoint().resolve("file");
                    Files.write(file, content);
                    Command.run("sync", file.toString()).orFail();
                    array.kill();
                }
            }
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"));
                    LoopDevice loop = LoopDevice.attach(array.volume())) {
                int status = Command.run("e2fsck", "-fp", loop.node()).exitStatus();
                assertTrue(status <= 1, "e2fsck -p ends with status " + status);
                try (LoopDevice.FileSystem mounted = loop.mount(ext4)) {
                    assertArrayEquals(
                            content, Files.readAllBytes(mounted.mountPoint().resolve("file")));
                }
            }
        }
    }
}

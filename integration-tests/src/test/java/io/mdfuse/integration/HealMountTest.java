package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code mount --heal}: images with holes and a truncated one become what they were, also if the healing is killed. */
class HealMountTest {
    private static final long MEBIBYTE = 1 << 20;
    private static final long MEMBER_BYTES = 32 * MEBIBYTE;

    @BeforeEach
    void needs() {
        Needs.mount();
    }

    private static Images arrayWithContent(ScratchDirectory scratch) throws IOException {
        Images images = Images.blank(scratch.path("images"), 4, MEMBER_BYTES, 0);
        images.create(5, "--assume-clean");
        try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
            PatternWriter.fill(array.volume(), new WorkPattern(7));
            array.unmount();
        }
        return images;
    }

    /** A hole as ddrescue leaves it: zeros in the image, and a map that says so. */
    private static void makeHole(Path image, long startBytes, long lengthBytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(startBytes);
            file.write(new byte[(int) lengthBytes]);
        }
        long end = startBytes + lengthBytes;
        Files.writeString(
                Path.of(image + ".map"),
                String.format(
                        "0 + 1%n0 %d +%n%d %d -%n%d %d +%n",
                        startBytes, startBytes, lengthBytes, end, Files.size(image) - end));
    }

    @Test
    void holesAndAMissingEndAreFilledForGood() throws Exception {
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Images images = arrayWithContent(scratch);
            List<String> sound = List.copyOf(images.digests().values());
            List<Path> members = images.members();
            makeHole(members.get(0), 5 * MEBIBYTE, 3 * MEBIBYTE + 512);
            makeHole(members.get(1), 20 * MEBIBYTE - 512, 2 * MEBIBYTE);
            try (RandomAccessFile file = new RandomAccessFile(members.get(3).toFile(), "rw")) {
                file.setLength(24 * MEBIBYTE);
            }
            killHalfWay(images, scratch.path("killed"), Path.of(members.get(3) + ".healed.map"));
            try (MountedArray array = MountedArray.mountByCommand(images, scratch.path("mnt"), "--heal")) {
                String said = array.startMessages();
                assertTrue(said.contains("of what the array stores, 0 bytes stay unreadable"), said);
                assertTrue(said.contains("all of it was read or healed"), said);
                array.unmount();
            }
            assertEquals(sound, List.copyOf(images.digests().values()));
            Command.Result nothing = MountedArray.tryMount(images.all(), scratch.path("mnt"), "--heal", "--force");
            assertEquals(2, nothing.exitStatus(), nothing::toString);
            try (MountedArray array = MountedArray.mount(images, scratch.path("mnt"))) {
                assertTrue(Files.isWritable(array.volume()));
                array.unmount();
            }
        }
    }

    /** Kills the healing once it has begun with the image. Every byte that a map calls read must be right. */
    private static void killHalfWay(Images images, Path mountPoint, Path map) throws Exception {
        Files.createDirectories(mountPoint);
        List<String> command = new ArrayList<>(List.of(Project.mdfuse().toString(), "mount", "--heal"));
        images.all().forEach(image -> command.add(image.toString()));
        command.add(mountPoint.toString());
        Process healing = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        for (int tries = 0; tries < 20_000 && healing.isAlive() && Files.notExists(map); tries++) {
            Thread.sleep(1);
        }
        healing.destroyForcibly();
        assertTrue(healing.waitFor(20, TimeUnit.SECONDS));
        assertTrue(Files.exists(map), "the healing has begun");
        try (Stream<Path> served = Files.list(mountPoint)) {
            assertTrue(served.findAny().isEmpty(), "it was killed before the mount");
        }
    }
}

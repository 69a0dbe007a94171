package io.mdfuse.raid.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.device.LoopBacking;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rescued image behind a loop device: what its map says was not read stays unreadable. Needs root. */
class LoopMapTest {
    private static final long MEBIBYTE = 1 << 20;

    @TempDir
    Path folder;

    private final List<String> attached = new ArrayList<>();

    @BeforeEach
    void makeImage() throws Exception {
        assumeTrue(
                "root".equals(System.getProperty("user.name")) && Files.exists(Path.of("/dev/loop-control")),
                "loop devices need root and /dev/loop-control");
        try (RandomAccessFile file = new RandomAccessFile(image().toFile(), "rw")) {
            file.setLength(4 * MEBIBYTE);
        }
        Files.writeString(folder.resolve("disk.map"), "0 + 1\n0 0x200000 +\n0x200000 0x1000 -\n0x201000 0x1ff000 +\n");
    }

    @AfterEach
    void detach() throws Exception {
        for (String node : attached) {
            run("losetup", "--detach", node);
        }
    }

    private Path image() {
        return folder.resolve("disk.dd");
    }

    private Path attach(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("losetup", "--find", "--show"));
        command.addAll(List.of(options));
        command.add(image().toString());
        attached.add(run(command.toArray(String[]::new)));
        return Path.of(attached.getLast());
    }

    private static String run(String... command) throws Exception {
        Process process =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), String.join(" ", command) + ": " + output);
        return output;
    }

    private static ByteRanges unreadable(String name) throws Exception {
        try (BlockDevice device = SpecifiedDevice.open(DeviceSpec.parse(name), Access.READ_ONLY, false)) {
            return device.unreadable();
        }
    }

    @Test
    void theMapOfTheImageCountsForTheLoopDevice() throws Exception {
        Path node = attach();
        ByteRanges hole = ByteRanges.of(2 * MEBIBYTE, 2 * MEBIBYTE + 4096);
        assertEquals(hole, unreadable(node.toString()));
        assertEquals(hole.within(MEBIBYTE, 2 * MEBIBYTE), unreadable(node + "@1M,2M"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), node);
        assertEquals(hole, unreadable(link.toString()));
        assertTrue(unreadable(node + ",map=none").isEmpty());
        Files.delete(folder.resolve("disk.map"));
        assertTrue(unreadable(node.toString()).isEmpty());
    }

    /** The map has other positions than the device, which shows a part of the image. */
    @Test
    void aPartOfARescuedImageIsRefused() throws Exception {
        for (Path node : List.of(attach("--offset", "1048576"), attach("--sizelimit", "3145728"))) {
            assertFalse(LoopBacking.of(node).orElseThrow().whole());
            DeviceOpenException refused = assertThrows(DeviceOpenException.class, () -> unreadable(node.toString()));
            assertEquals(
                    node + ": is a part of " + image() + ", of which not everything was read, as its map "
                            + folder.resolve("disk.map") + " says: detach " + node
                            + " and give the image itself, or a range of it such as " + image() + "@1M,2T",
                    refused.getMessage());
        }
        Files.writeString(folder.resolve("disk.map"), "0 + 1\n0 0x400000 +\n");
        assertTrue(unreadable(attached.getFirst()).isEmpty());
    }

    @Test
    void whatIsNoLoopDeviceHasNoFileBehindIt() {
        for (Path path : List.of(image(), folder, folder.resolve("nothing"), Path.of("/dev/null"))) {
            assertEquals(Optional.empty(), LoopBacking.of(path));
        }
    }
}

package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.spec.HealedMap;
import io.mdfuse.raid.superblock.Superblock;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory in which several names lead to one device, as in /dev/disk/by-id: the device counts once. */
class DeviceSearchTest {
    private static final String UUID = "07010203:04050607:08090a0b:0c0d0e0f";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private static void makeImages(Path directory, String prefix, boolean sameUuid) throws IOException {
        ArrayShape shape = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, 0, Superblock.IN_SYNC, false);
        for (CrashDisk disk : shape.create(CrashTrace.notRecording())) {
            if (!sameUuid) {
                Superblocks.edit(disk, editor -> editor.setUuid(new byte[16]));
            }
            byte[] bytes = new byte[(int) disk.sizeBytes()];
            disk.read(0, MemorySegment.ofArray(bytes));
            Files.write(directory.resolve(prefix + disk.name()), bytes);
        }
    }

    private List<DeviceSpec> paths(String... names) {
        return Stream.of(names).map(directory::resolve).map(DeviceSpec::of).toList();
    }

    @Test
    void eachDeviceIsFoundOnceUnderItsShortestName() throws IOException {
        Path images = Files.createDirectory(directory.resolve("images"));
        makeImages(images, "", true);
        for (int disk = 0; disk < 3; disk++) {
            Path image = images.resolve("disk" + disk);
            Files.createSymbolicLink(directory.resolve("ata-LONGNAME_" + disk), image);
            Files.createSymbolicLink(directory.resolve("wwn-" + disk), image);
            Files.createSymbolicLink(directory.resolve("zwn-" + disk), image);
        }
        List<DeviceSpec> expected = paths("wwn-0", "wwn-1", "wwn-2");
        assertEquals(expected, DeviceSearch.only(directory).devices());
        assertEquals(expected, DeviceSearch.named(directory, "sim").devices());
        assertEquals(expected, DeviceSearch.ofArray(directory, UUID).devices());
    }

    /** The image itself is preferred to a link, even if the link's name is shorter. */
    @Test
    void anImageGoesBeforeItsLinks() throws IOException {
        makeImages(directory, "", true);
        Files.createSymbolicLink(directory.resolve("a"), Path.of("disk1"));
        Files.createLink(directory.resolve("disk2.same"), directory.resolve("disk2"));
        Files.createSymbolicLink(directory.resolve("dangling"), Path.of("nothing"));
        assertEquals(
                paths("disk0", "disk1", "disk2"), DeviceSearch.only(directory).devices());
    }

    /** As /dev/stderr, if the program runs for systemd: the search of /dev ended with "/dev/stderr". */
    @Test
    void aLinkToAPipeIsNoDevice() throws IOException {
        makeImages(directory, "", true);
        Pipe pipe = Pipe.open();
        try (Closeable source = pipe.source();
                Closeable sink = pipe.sink();
                Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            Path end = open.filter(DeviceSearchTest::isPipe).findFirst().orElseThrow();
            Files.createSymbolicLink(directory.resolve("stderr"), end);
            assertEquals(
                    paths("disk0", "disk1", "disk2"),
                    DeviceSearch.only(directory).devices(),
                    source + " and " + sink);
        }
    }

    private static boolean isPipe(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("pipe:");
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aListOfArraysCountsDevicesAndNotNames() throws IOException {
        makeImages(directory, "", true);
        makeImages(directory, "other-", false);
        Files.createSymbolicLink(directory.resolve("link"), Path.of("disk0"));
        String why = String.valueOf(assertThrows(
                        IOException.class, () -> DeviceSearch.only(directory).devices())
                .getMessage());
        assertTrue(why.contains("UUID " + UUID + ", 3 devices: disk0 disk1 disk2"), why);
        assertTrue(why.contains("3 devices: other-disk0 other-disk1 other-disk2"), why);
    }

    /** A checksum or the map itself is no device, though the map of the image is not its own. */
    @Test
    void filesBesideARescuedImageAreNoObstacle() throws IOException {
        makeImages(directory, "", true);
        Path image = directory.resolve("disk1");
        long sizeBytes = Files.size(image);
        Files.writeString(directory.resolve("disk1.map"), "0 + 1\n0 512 -\n512 " + (sizeBytes - 512) + " +\n");
        Files.writeString(directory.resolve("disk1.md5"), "d41d8cd98f00b204e9800998ecf8427e  disk1\n");
        assertEquals(
                paths("disk0", "disk1", "disk2"), DeviceSearch.only(directory).devices());
        HealedMap.begin(DeviceSpec.of(image), sizeBytes);
        assertEquals(
                paths("disk0", "disk1", "disk2"), DeviceSearch.only(directory).devices());
    }
}

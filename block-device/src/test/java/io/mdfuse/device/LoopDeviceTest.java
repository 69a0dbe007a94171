package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real block devices: loop devices on image files that the test creates. Needs root and /dev/loop-control. */
final class LoopDeviceTest extends BlockDeviceContract {
    @TempDir
    Path folder;

    private @Nullable String attached;

    @SuppressWarnings("NullAway.Init")
    LoopDeviceTest() {}

    @BeforeAll
    static void needLoopDevices() {
        assumeTrue(
                "root".equals(System.getProperty("user.name")) && Files.exists(Path.of("/dev/loop-control")),
                "loop devices need root and /dev/loop-control");
    }

    @Override
    protected BlockDevice create() throws Exception {
        return FileDevice.open(attach("contract", SIZE_BYTES), Access.READ_WRITE, true);
    }

    private Path image(String name) {
        return folder.resolve(name);
    }

    private Path attach(String name, long sizeBytes) throws Exception {
        detach();
        try (RandomAccessFile file = new RandomAccessFile(image(name).toFile(), "rw")) {
            file.setLength(sizeBytes);
        }
        attached = run("losetup", "--find", "--show", image(name).toString());
        return Path.of(attached);
    }

    @AfterEach
    void detach() throws Exception {
        if (attached != null) {
            run("losetup", "--detach", attached);
            attached = null;
        }
    }

    private static String run(String... command) throws Exception {
        Process process =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), String.join(" ", command) + ": " + output);
        return output;
    }

    @Test
    void aLoopDeviceWhoseFileIsInUseIsRefused() throws Exception {
        Path image = image("twice");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE_BYTES);
        }
        try (BlockDevice _ = FileDevice.open(image, Access.READ_WRITE, false)) {
            Path loop = attach("twice", SIZE_BYTES);
            for (Access access : Access.values()) {
                DeviceInUseException refused =
                        assertThrows(DeviceInUseException.class, () -> FileDevice.open(loop, access, false));
                assertTrue(String.valueOf(refused.getMessage()).contains(image.toString()), refused.toString());
            }
        }
        FileDevice.open(Path.of(String.valueOf(attached)), Access.READ_WRITE, false)
                .close();
    }

    /** The kernel counts the zeros that a hole means among a block device's writes, a discard among its discards. */
    @Test
    void aDiscardIsNoWriteOfZeros() throws Exception {
        Path node = attach("image", SIZE_BYTES);
        Path counters = Path.of("/sys/block", node.getFileName().toString(), "stat");
        try (BlockDevice device = FileDevice.open(node, Access.READ_WRITE, true)) {
            long writtenBefore = counter(counters, 6);
            long discardedBefore = counter(counters, 13);
            assertTrue(device.discard(8192, 65536));
            assertEquals(writtenBefore, counter(counters, 6), "sectors written");
            assertEquals(discardedBefore + 128, counter(counters, 13), "sectors discarded");
            assertTrue(device.trim(8192, 65536));
            assertEquals(writtenBefore + 128, counter(counters, 6), "a trim makes sure that zeros are read");
        }
        try (BlockDevice device = FileDevice.open(node, Access.READ_ONLY, true)) {
            assertThrows(DeviceException.class, () -> device.discard(8192, 4096));
        }
    }

    /** The kernel counts a write of a block device when the device gets it, not when the page cache does. */
    @Test
    void aWritePastTheCacheReachesTheDeviceWithoutAFlush() throws Exception {
        Path node = attach("image", SIZE_BYTES);
        Path counters = Path.of("/sys/block", node.getFileName().toString(), "stat");
        try (BlockDevice device = FileDevice.open(node, Access.READ_WRITE, false);
                Arena arena = Arena.ofConfined()) {
            long writtenBefore = counter(counters, 6);
            assertTrue(device.tryWritePastCache(8192, arena.allocate(65536, 4096)));
            assertEquals(writtenBefore + 128, counter(counters, 6), "sectors written");
        }
        try (BlockDevice device = FileDevice.open(node, Access.READ_ONLY, false)) {
            assertThrows(
                    DeviceException.class, () -> device.tryWritePastCache(8192, MemorySegment.ofArray(new byte[4096])));
        }
    }

    private static long counter(Path counters, int field) throws Exception {
        return Long.parseLong(Files.readString(counters).strip().split("\\s+", -1)[field]);
    }

    @Test
    void aNodeIsOpenedOnceAndTheFileBehindItIsRefused() throws Exception {
        Path node = attach("image", SIZE_BYTES);
        DeviceOpenException file = assertThrows(
                DeviceOpenException.class,
                () -> FileDevice.open(image("image"), Access.READ_WRITE, false).close());
        assertInstanceOf(DeviceInUseException.class, file);
        assertEquals(
                image("image") + ": is attached to " + node + "; detach it first (losetup -d " + node + ")",
                file.getMessage());
        Path hardLink = Files.createLink(folder.resolve("hard-link"), image("image"));
        assertThrows(
                DeviceInUseException.class,
                () -> FileDevice.open(hardLink, Access.READ_WRITE, false).close());
        try (FileDevice device = FileDevice.open(node, Access.READ_WRITE, false)) {
            assertEquals(SIZE_BYTES, device.sizeBytes());
            assertTrue(device.deviceIdentity().blockNode());
            assertEquals(DevicePaths.identityOf(node), device.deviceIdentity());
            assertFalse(device.isHole(0, SIZE_BYTES));
            DeviceInUseException second = assertThrows(
                    DeviceInUseException.class,
                    () -> FileDevice.open(node, Access.READ_WRITE, false).close());
            String self = "java (process " + ProcessHandle.current().pid() + ")";
            assertEquals(node + ": is in use by " + self + "; stop that first", second.getMessage());
        }
        detach();
        FileDevice.open(image("image"), Access.READ_WRITE, false).close();
    }

    /** The kernel opens such a node for writing and fails the first write, which would be too late. */
    @Test
    void aWriteProtectedNodeIsOpenedForReadingOnly() throws Exception {
        Path node = attach("image", SIZE_BYTES);
        run("blockdev", "--setro", node.toString());
        try {
            DeviceOpenException refused = assertThrows(
                    DeviceOpenException.class,
                    () -> FileDevice.open(node, Access.READ_WRITE, false).close());
            String message = String.valueOf(refused.getMessage());
            assertTrue(message.startsWith(node + ": is write-protected"), message);
            assertTrue(message.contains("--read-only"), message);
            assertTrue(message.contains("blockdev --setrw " + node), message);
            FileDevice.open(node, Access.READ_ONLY, false).close();
        } finally {
            // Otherwise the node stays write-protected for the next file that is attached to it.
            run("blockdev", "--setrw", node.toString());
        }
        FileDevice.open(node, Access.READ_WRITE, false).close();
        detach();
        attached =
                run("losetup", "--read-only", "--find", "--show", image("image").toString());
        Path readOnly = Path.of(attached);
        assertThrows(
                DeviceOpenException.class,
                () -> FileDevice.open(readOnly, Access.READ_WRITE, true).close());
        FileDevice.open(readOnly, Access.READ_ONLY, false).close();
    }

    @Test
    void aFileOnAReadOnlyFileSystemIsOpenedForReadingOnly() throws Exception {
        Path mountPoint = Files.createDirectory(folder.resolve("read-only"));
        run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mountPoint.toString());
        try {
            Path file = Files.write(mountPoint.resolve("file"), new byte[8192]);
            run("mount", "-o", "remount,ro", mountPoint.toString());
            DeviceOpenException refused = assertThrows(
                    DeviceOpenException.class,
                    () -> FileDevice.open(file, Access.READ_WRITE, false).close());
            assertEquals(
                    file + ": is on a read-only file system: an array on it can be mounted with --read-only",
                    refused.getMessage());
            FileDevice.open(file, Access.READ_ONLY, false).close();
        } finally {
            run("umount", mountPoint.toString());
        }
    }

    @Test
    void aMountedNodeIsRefused() throws Exception {
        Path node = attach("mounted", 4 << 20);
        run("mkfs.ext4", "-q", node.toString());
        Path mountPoint = Files.createDirectory(folder.resolve("mount"));
        run("mount", node.toString(), mountPoint.toString());
        try {
            DeviceInUseException refused = assertThrows(
                    DeviceInUseException.class,
                    () -> FileDevice.open(node, Access.READ_ONLY, false).close());
            assertEquals(node + ": is mounted on " + mountPoint + "; unmount it first", refused.getMessage());
            assertThrows(
                    DeviceInUseException.class,
                    () -> FileDevice.open(node, Access.READ_WRITE, true).close());
        } finally {
            run("umount", mountPoint.toString());
        }
        FileDevice.open(node, Access.READ_WRITE, false).close();
    }

    @Test
    void theIncompleteLastBlockOfANodeCanBeWrittenWithDirectIo() throws Exception {
        long oddBytes = 64 * 1024 + 3 * Sectors.BYTES;
        Path node = attach("odd", oddBytes);
        try (FileDevice device = FileDevice.open(node, Access.READ_WRITE, true)) {
            assertEquals(oddBytes, device.sizeBytes());
            byte[] bytes = new byte[5000];
            new Random(3).nextBytes(bytes);
            device.write(oddBytes - bytes.length, MemorySegment.ofArray(bytes));
            device.flush();
            byte[] found = new byte[bytes.length];
            device.read(oddBytes - found.length, MemorySegment.ofArray(found));
            assertArrayEquals(bytes, found);
        }
    }

    @Test
    void afterAnEvictTheNextReadReadsTheMedium() throws Exception {
        Path node = attach("image", SIZE_BYTES);
        try (FileDevice device = FileDevice.open(node, Access.READ_WRITE, false);
                RandomAccessFile medium = new RandomAccessFile(image("image").toFile(), "rw")) {
            byte[] old = new byte[Sectors.BLOCK_BYTES];
            Arrays.fill(old, (byte) 1);
            device.write(Sectors.BLOCK_BYTES, MemorySegment.ofArray(old));
            device.flush();
            byte[] changed = new byte[Sectors.BLOCK_BYTES];
            Arrays.fill(changed, (byte) 2);
            medium.seek(Sectors.BLOCK_BYTES);
            medium.write(changed);
            byte[] found = new byte[Sectors.BLOCK_BYTES];
            device.read(Sectors.BLOCK_BYTES, MemorySegment.ofArray(found));
            assertArrayEquals(old, found, "the host has no cached copy, so this test shows nothing");
            device.evict(Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);
            device.read(Sectors.BLOCK_BYTES, MemorySegment.ofArray(found));
            assertArrayEquals(changed, found);
        }
    }

    @Test
    void anEvictLosesNoUnwrittenPages() throws Exception {
        Path node = attach("image", SIZE_BYTES);
        try (FileDevice device = FileDevice.open(node, Access.READ_WRITE, false)) {
            byte[] written = new byte[Sectors.BLOCK_BYTES];
            Arrays.fill(written, (byte) 3);
            device.write(0, MemorySegment.ofArray(written));
            device.evict(0, SIZE_BYTES);
            device.prefetch(0, SIZE_BYTES);
            byte[] found = new byte[Sectors.BLOCK_BYTES];
            device.read(0, MemorySegment.ofArray(found));
            assertArrayEquals(written, found);
        }
    }

    @Test
    void afterAFailedFlushEveryFlushFails() throws Exception {
        // The node's file is on a file system without space, so the pages in the page cache can't be written.
        Path mountPoint = Files.createDirectory(folder.resolve("tiny"));
        run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mountPoint.toString());
        try {
            Path node = attach("tiny/image", 4 << 20);
            try (FileDevice device = FileDevice.open(node, Access.READ_WRITE, false)) {
                byte[] bytes = new byte[1 << 20];
                Arrays.fill(bytes, (byte) 1);
                device.write(0, MemorySegment.ofArray(bytes));
                DeviceException first = assertThrows(DeviceException.class, device::flush);
                DeviceException second = assertThrows(DeviceException.class, device::flush);
                assertEquals(
                        node + ": flush failed: an earlier flush failed: " + first.getMessage(), second.getMessage());
            }
        } finally {
            detach();
            run("umount", mountPoint.toString());
        }
    }
}

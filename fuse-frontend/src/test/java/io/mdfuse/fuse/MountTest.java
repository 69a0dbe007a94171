package io.mdfuse.fuse;

import static io.mdfuse.fuse.ScratchMount.must;
import static io.mdfuse.fuse.ScratchMount.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file as the kernel and ordinary programs see it, on a real mount. */
class MountTest {
    private static final int SIZE_BYTES = 16 << 20;

    @TempDir
    Path scratch;

    Frontend frontend() {
        return Frontend.JNR_FUSE;
    }

    private final MemoryVolume volume = new MemoryVolume("vol", SIZE_BYTES);

    private Path randomFile(int sizeBytes) throws Exception {
        byte[] content = new byte[sizeBytes];
        new Random(sizeBytes).nextBytes(content);
        return Files.write(scratch.resolve("input"), content);
    }

    @ParameterizedTest
    @ValueSource(strings = {"512", "4096", "5000", "131072", "1M", "4M"})
    void ddCopiesInAndOutWithEveryBlockSize(String blockSize) throws Exception {
        Path input = randomFile(3_000_000);
        Path output = scratch.resolve("output");
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            must("dd", "if=" + input, "of=" + mount.file, "bs=" + blockSize, "conv=fsync", "status=none");
            must("dd", "if=" + mount.file, "of=" + output, "bs=" + blockSize, "status=none");
        }
        byte[] expected = Arrays.copyOf(Files.readAllBytes(input), SIZE_BYTES);
        assertArrayEquals(expected, volume.bytes());
        assertArrayEquals(expected, Files.readAllBytes(output));
        assertNotEquals(0, volume.flushes.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"512", "4096", "128K", "1M", "4M"})
    void ddDirectAtAnOffsetTouchesNothingElse(String blockSize) throws Exception {
        Path input = randomFile(4 << 20);
        Path model = scratch.resolve("model");
        must("truncate", "-s", SIZE_BYTES, model);
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            for (Path target : new Path[] {mount.file, model}) {
                String[] where = {"bs=" + blockSize, "seek=2", "count=1", "conv=notrunc"};
                must("dd", "if=" + input, "of=" + target, where[0], where[1], where[2], where[3], "oflag=direct");
            }
        }
        assertArrayEquals(Files.readAllBytes(model), volume.bytes());
    }

    @Test
    void ddWithoutNotruncKeepsWhatItDoesNotWrite() throws Exception {
        Path input = randomFile(10_000);
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            must("dd", "if=/dev/urandom", "of=" + mount.file, "bs=1M", "count=16", "conv=fsync");
            byte[] expected = Files.readAllBytes(mount.file);
            System.arraycopy(Files.readAllBytes(input), 0, expected, 5 * 1000, 10_000);
            must("dd", "if=" + input, "of=" + mount.file, "bs=1000", "seek=5");
            assertArrayEquals(expected, Files.readAllBytes(mount.file));
            assertArrayEquals(expected, volume.bytes());
        }
    }

    @Test
    void writingPastTheEndSaysThatThereIsNoSpace() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            for (String flags : new String[] {"oflag=direct", "conv=notrunc"}) {
                ScratchMount.Outcome outcome =
                        run("env", "LC_ALL=C", "dd", "if=/dev/zero", "of=" + mount.file, "bs=1M", flags);
                assertNotEquals(0, outcome.status());
                assertTrue(outcome.words().contains("No space left on device"), outcome.words());
                assertTrue(outcome.words().contains(SIZE_BYTES + " bytes"), outcome.words());
            }
            assertEquals(SIZE_BYTES, Files.size(mount.file));
        }
    }

    @Test
    void truncateShrinksNothingAndGrowsNothing() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            must("dd", "if=/dev/urandom", "of=" + mount.file, "bs=1M", "count=16");
            byte[] expected = Files.readAllBytes(mount.file);
            must("truncate", "-s", "5000", mount.file);
            must("sh", "-c", ": > " + mount.file);
            assertEquals(SIZE_BYTES, Files.size(mount.file));
            assertArrayEquals(expected, Files.readAllBytes(mount.file));
            assertNotEquals(0, run("truncate", "-s", "17M", mount.file).status());
            assertEquals(SIZE_BYTES, Files.size(mount.file));
        }
    }

    /** The kernel has pages of the gap in its cache, read by the handle itself and by another reader. */
    @Test
    void whatATruncationZeroesIsSeenByReadersAtOnce() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            must("dd", "if=/dev/urandom", "of=" + mount.file, "bs=1M", "count=16");
            byte[] expected = Files.readAllBytes(mount.file);
            StandardOpenOption[] truncating = {
                StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING
            };
            try (FileChannel copier = FileChannel.open(mount.file, truncating);
                    FileChannel reader = FileChannel.open(mount.file, StandardOpenOption.READ)) {
                assertArrayEquals(expected, read(copier));
                assertArrayEquals(expected, read(reader));
                copier.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 9_000_000);
                // The last page is in both the gap and the write: it is dropped a little later.
                int wholePagesBytes = 9_000_000 / 4096 * 4096;
                byte[] zeros = new byte[wholePagesBytes];
                assertArrayEquals(zeros, Arrays.copyOf(read(copier), wholePagesBytes));
                assertArrayEquals(zeros, Arrays.copyOf(read(reader), wholePagesBytes));
                Arrays.fill(expected, 0, 9_000_000, (byte) 0);
                System.arraycopy(new byte[] {1, 2, 3}, 0, expected, 9_000_000, 3);
                for (int tries = 0; tries < 100 && !Arrays.equals(expected, read(reader)); tries++) {
                    Thread.sleep(10);
                }
                assertArrayEquals(expected, read(reader));
            }
            assertArrayEquals(expected, volume.bytes());
        }
    }

    /** Another user keeps reading the page through the kernel's cache while it is written past that cache. */
    @Test
    void aReaderSeesADirectWriteAsSoonAsItHasReturned() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        volume.writeDelay = Duration.ofMillis(2);
        try (ScratchMount mount = new ScratchMount(volume, frontend());
                FileChannel reader = FileChannel.open(mount.file, StandardOpenOption.READ);
                FileChannel writer = FileChannel.open(mount.file, StandardOpenOption.WRITE, direct());
                ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<?> busy = threads.submit(() -> {
                while (!done.get()) {
                    reader.read(ByteBuffer.allocate(4096), 0);
                }
                return null;
            });
            try {
                ByteBuffer page =
                        ByteBuffer.allocateDirect(2 * 4096).alignedSlice(4096).limit(4096);
                ByteBuffer seen = ByteBuffer.allocate(4096);
                for (int round = 1; round <= 100; round++) {
                    page.clear().limit(4096).putInt(0, round);
                    writer.write(page, 0);
                    reader.read(seen.clear(), 0);
                    assertEquals(round, seen.getInt(0));
                }
            } finally {
                done.set(true);
            }
            busy.get();
        }
    }

    /** O_DIRECT, by reflection since javac warns of the class. */
    private static OpenOption direct() throws ReflectiveOperationException {
        return (OpenOption) Class.forName("com.sun.nio.file.ExtendedOpenOption")
                .getField("DIRECT")
                .get(null);
    }

    private static byte[] read(FileChannel channel) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(SIZE_BYTES);
        while (content.hasRemaining()) {
            channel.read(content, content.position());
        }
        return content.array();
    }

    @Test
    void fallocatePunchesAndZeroes() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            must("dd", "if=/dev/urandom", "of=" + mount.file, "bs=1M", "count=16");
            byte[] expected = Files.readAllBytes(mount.file);
            must("fallocate", "-p", "-o", "8192", "-l", "100000", mount.file);
            Arrays.fill(expected, 8192, 108_192, (byte) 0);
            must("fallocate", "-z", "-n", "-o", "1000001", "-l", "3", mount.file);
            Arrays.fill(expected, 1_000_001, 1_000_004, (byte) 0);
            must("fallocate", "-l", "16M", mount.file);
            assertNotEquals(0, run("fallocate", "-l", "17M", mount.file).status());
            assertNotEquals(
                    0,
                    run("fallocate", "-c", "-o", "4096", "-l", "4096", mount.file)
                            .status());
            assertArrayEquals(expected, Files.readAllBytes(mount.file));
            assertArrayEquals(expected, volume.bytes());
        }
    }

    @Test
    void attributesAreReadWithGetfattr() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            assertEquals(
                    "raid5", must("getfattr", "--absolute-names", "--only-values", "-n", "user.md.level", mount.file));
            String all = must("getfattr", "-d", "--absolute-names", mount.file);
            assertTrue(all.contains("user.md.array_state=\"clean\""), all);
            assertNotEquals(
                    0, run("getfattr", "-n", "user.md.nonsense", mount.file).status());
            assertNotEquals(
                    0,
                    run("setfattr", "-n", "user.md.level", "-v", "raid6", mount.file)
                            .status());
            assertEquals("", must("getfattr", "-d", "--absolute-names", mount.directory()));
        }
    }

    @Test
    void theDirectoryHoldsTheFileAndTakesNoOther() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            assertEquals("vol\n", must("ls", mount.directory()));
            assertEquals("600 16777216 regular file\n", must("stat", "-c", "%a %s %F", mount.file));
            assertEquals("555 directory\n", must("stat", "-c", "%a %F", mount.directory()));
            assertEquals("4096 4096 0\n", must("stat", "-f", "-c", "%s %b %f", mount.directory()));
            assertNotEquals(0, run("touch", mount.directory().resolve("new")).status());
            assertNotEquals(0, run("mkdir", mount.directory().resolve("new")).status());
            assertNotEquals(0, run("rm", "-f", mount.file).status());
            must("touch", "-d", "@86400", mount.file);
            assertEquals("86400\n", must("stat", "-c", "%Y", mount.file));
        }
    }

    @Test
    void aReadOnlyVolumeRefusesWriters() throws Exception {
        volume.readOnly = true;
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            assertEquals("400\n", must("stat", "-c", "%a", mount.file));
            assertNotEquals(
                    0,
                    run("dd", "if=/dev/zero", "of=" + mount.file, "count=1", "conv=notrunc")
                            .status());
            assertNotEquals(0, run("fallocate", "-p", "-l", "4096", mount.file).status());
            assertEquals(SIZE_BYTES, Files.readAllBytes(mount.file).length);
        }
        assertArrayEquals(new byte[SIZE_BYTES], volume.bytes());
    }

    @Test
    void aFailingVolumeIsAnInputOutputError() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            volume.failure = new IOException("told to fail");
            String[][] commands = {
                {"dd", "if=" + mount.file, "of=/dev/null", "count=1"},
                {"dd", "if=/dev/zero", "of=" + mount.file, "count=1", "conv=notrunc"},
                {"sync", mount.file.toString()},
            };
            for (String[] command : commands) {
                ScratchMount.Outcome outcome = run((Object[]) command);
                assertNotEquals(0, outcome.status(), String.join(" ", command));
                assertTrue(outcome.words().contains("Input/output error"), outcome.words());
            }
            volume.failure = null;
            must("dd", "if=" + mount.file, "of=/dev/null", "count=1");
        }
    }

    /**
     * Another process maps the file: in this process a page fault would wait for a thread that waits for the faulting
     * thread.
     */
    @Test
    void aSharedMappingReachesTheVolume() throws Exception {
        try (ScratchMount mount = new ScratchMount(volume, frontend())) {
            List<String> job = new ArrayList<>(List.of("fio", "--name=map", "--filename=" + mount.file));
            job.addAll(List.of("--ioengine=mmap", "--rw=randwrite", "--bs=4k", "--size=16M", "--fsync=1000"));
            job.addAll(List.of("--verify=crc32c", "--verify_state_save=0"));
            must(job.toArray());
            assertNotEquals(0, volume.flushes.get());
            assertArrayEquals(Files.readAllBytes(mount.file), volume.bytes());
            assertNotEquals(0, volume.bytes()[0]);
        }
    }

    /** Several users at once, each in its own part of the file, with pieces of every size at any offset. */
    @Test
    void usersDoNotDisturbEachOther() throws Exception {
        int users = 6;
        int partBytes = SIZE_BYTES / users;
        try (ScratchMount mount = new ScratchMount(volume, frontend());
                ExecutorService executor = Executors.newFixedThreadPool(users)) {
            List<Future<byte[]>> parts = new ArrayList<>();
            for (int user = 0; user < users; user++) {
                int number = user;
                parts.add(executor.submit(() -> writeAndRead(mount.file, number, partBytes)));
            }
            for (int user = 0; user < users; user++) {
                byte[] expected = parts.get(user).get();
                byte[] content = Files.readAllBytes(mount.file);
                byte[] actual = Arrays.copyOfRange(content, user * partBytes, (user + 1) * partBytes);
                assertArrayEquals(expected, actual, "user " + user);
            }
            assertArrayEquals(Files.readAllBytes(mount.file), volume.bytes());
        }
    }

    private static byte[] writeAndRead(Path path, int user, int partBytes) throws IOException {
        Random random = new Random(user);
        byte[] model = new byte[partBytes];
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (int round = 0; round < 200; round++) {
                int lengthBytes = 1 + random.nextInt(random.nextBoolean() ? 600 : 300_000);
                int offset = random.nextInt(partBytes - lengthBytes);
                byte[] piece = new byte[lengthBytes];
                random.nextBytes(piece);
                System.arraycopy(piece, 0, model, offset, lengthBytes);
                ByteBuffer source = ByteBuffer.wrap(piece);
                while (source.hasRemaining()) {
                    file.write(source, (long) user * partBytes + offset + source.position());
                }
                ByteBuffer back = ByteBuffer.allocate(lengthBytes);
                file.read(back, (long) user * partBytes + offset);
                assertArrayEquals(piece, back.array());
            }
        }
        return model;
    }
}

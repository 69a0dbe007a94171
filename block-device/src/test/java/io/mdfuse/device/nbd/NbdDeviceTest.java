package io.mdfuse.device.nbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.device.NoSpaceException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against real servers: nbdkit with its filters. */
@Timeout(60)
class NbdDeviceTest {
    private static final int SIZE_BYTES = 8 << 20;
    private static final NbdPatience SHORT =
            new NbdPatience(Duration.ofSeconds(3), Duration.ofSeconds(2), Duration.ofSeconds(2));

    @TempDir
    private Path directory;

    private Path image;

    @BeforeEach
    void makeImage() throws Exception {
        image = directory.resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE_BYTES);
        }
    }

    private NbdServer serve(String... words) throws Exception {
        return NbdServer.nbdkit(directory.resolve("socket"), words);
    }

    /** nbdkit over the image; the words are filters and their parameters. */
    private NbdServer serveImage(String... words) throws Exception {
        List<String> filters =
                Stream.of(words).filter(word -> word.startsWith("-")).toList();
        List<String> parameters =
                Stream.of(words).filter(word -> !word.startsWith("-")).toList();
        List<String> all = new ArrayList<>(filters);
        all.addAll(List.of("file", image.toString()));
        all.addAll(parameters);
        return serve(all.toArray(String[]::new));
    }

    private static MemorySegment random(Arena arena, int seed, int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        new Random(seed).nextBytes(bytes);
        MemorySegment memory = arena.allocate(lengthBytes, 4096);
        memory.copyFrom(MemorySegment.ofArray(bytes));
        return memory;
    }

    private static byte[] read(BlockDevice device, long offsetBytes, int lengthBytes) throws DeviceException {
        byte[] bytes = new byte[lengthBytes];
        device.read(offsetBytes, MemorySegment.ofArray(bytes));
        return bytes;
    }

    private byte[] stored(long offsetBytes, int lengthBytes) throws IOException {
        byte[] bytes = new byte[lengthBytes];
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "r")) {
            file.seek(offsetBytes);
            file.readFully(bytes);
        }
        return bytes;
    }

    @Test
    void requestsLongerThanTheServerTakesAreSentInPieces() throws Exception {
        try (NbdServer server = serveImage(
                        "--filter=blocksize-policy",
                        "blocksize-minimum=1",
                        "blocksize-preferred=4096",
                        "blocksize-maximum=65536",
                        "blocksize-error-policy=error");
                BlockDevice device = NbdDevice.open(server.uri(), Access.READ_WRITE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment source = random(arena, 1, 1_000_000);
            device.write(12345, source);
            assertArrayEquals(source.toArray(ValueLayout.JAVA_BYTE), read(device, 12345, 1_000_000));
            device.flush();
            assertArrayEquals(source.toArray(ValueLayout.JAVA_BYTE), stored(12345, 1_000_000));
        }
    }

    @Test
    void partsOfTheSmallestBlockAreWrittenWithTheRestOfItKept() throws Exception {
        try (NbdServer server = serveImage(
                        "--filter=blocksize-policy",
                        "blocksize-minimum=4096",
                        "blocksize-preferred=4096",
                        "blocksize-maximum=65536",
                        "blocksize-error-policy=error");
                BlockDevice device = NbdDevice.open(server.uri(), Access.READ_WRITE);
                Arena arena = Arena.ofConfined()) {
            assertEquals(4096, device.logicalBlockBytes());
            device.write(0, random(arena, 1, 16384));
            byte[] expected = read(device, 0, 16384);
            MemorySegment part = random(arena, 2, 1000);
            device.write(4000, part);
            MemorySegment.ofArray(expected).asSlice(4000, 1000).copyFrom(part);
            assertArrayEquals(expected, read(device, 0, 16384));
            assertArrayEquals(Arrays.copyOfRange(expected, 3900, 5100), read(device, 3900, 1200));
            assertFalse(device.trim(512, 512));
        }
    }

    @Test
    void aServerThatTakesOnlyLargeBlocksIsRefused() throws Exception {
        try (NbdServer server = serveImage(
                "--filter=blocksize-policy",
                "blocksize-minimum=65536",
                "blocksize-preferred=65536",
                "blocksize-maximum=65536",
                "blocksize-error-policy=error")) {
            String line = refusal(server.uri(), Access.READ_ONLY);
            assertTrue(line.contains("requests of at least 65536 bytes"), line);
        }
    }

    private static String refusal(String uri, Access access) {
        DeviceOpenException refusal = assertThrows(DeviceOpenException.class, () -> NbdDevice.open(uri, access, SHORT));
        String line = String.valueOf(refusal.getMessage());
        assertTrue(line.startsWith(NbdUri.withoutPassword(uri) + ": ") && line.indexOf('\n') < 0, line);
        return line;
    }

    @Test
    void noMessageHasThePassword() {
        String socket = "disk?socket=" + directory.resolve("nothing");
        for (String uri : List.of(
                "nbd://me:secret@127.0.0.1:1/",
                "nbd://me:secret@nowhere.invalid/",
                "nbds+unix://me:secret@/" + socket,
                "nbd://me:secret@127.0.0.1:1/x?tls-certificates=relative")) {
            assertFalse(refusal(uri, Access.READ_ONLY).contains("secret"));
        }
    }

    @Test
    void whatCannotBeUsedIsRefusedInOneLine() throws Exception {
        String nowhere = "nbd+unix:///?socket=" + directory.resolve("nothing");
        assertTrue(refusal(nowhere, Access.READ_ONLY).contains("no connection: "));
        assertTrue(refusal("nbd://127.0.0.1:1/", Access.READ_ONLY).contains("refused"));
        try (NbdServer server = serveImage("--readonly")) {
            assertTrue(refusal(server.uri(), Access.READ_WRITE).contains("read-only"));
            NbdDevice.open(server.uri(), Access.READ_ONLY).close();
        }
        try (NbdServer server =
                serve("--filter=exportname", "memory", "1M", "exportname=disk", "exportname-strict=true")) {
            refusal(server.uri().replace("///", "///other"), Access.READ_ONLY);
            NbdDevice.open(server.uri().replace("///", "///disk"), Access.READ_ONLY)
                    .close();
        }
        try (NbdServer server = serve("memory", "0")) {
            assertTrue(refusal(server.uri(), Access.READ_ONLY).contains("size of 0 bytes"));
        }
    }

    @Test
    void aServerThatAcceptsAndSaysNothingIsRefusedInTime() throws Exception {
        try (ServerSocket silent = new ServerSocket(0)) {
            String line = refusal("nbd://127.0.0.1:" + silent.getLocalPort() + "/", Access.READ_ONLY);
            assertTrue(line.contains("does not answer"), line);
        }
    }

    @Test
    void anErrorOfTheServerConcernsTheRequestOnly() throws Exception {
        Path trigger = directory.resolve("trigger");
        try (NbdServer server = serveImage(
                        "--filter=error",
                        "error-pread=EIO",
                        "error-pwrite=ENOSPC",
                        "error-pread-rate=100%",
                        "error-pwrite-rate=100%",
                        "error-file=" + trigger);
                BlockDevice device = NbdDevice.open(server.uri(), Access.READ_WRITE, SHORT);
                Arena arena = Arena.ofConfined()) {
            MemorySegment block = random(arena, 3, 4096);
            device.write(8192, block);
            Files.createFile(trigger);
            DeviceException failure = assertThrows(DeviceException.class, () -> device.read(8192, block));
            assertTrue(String.valueOf(failure.getMessage()).contains("Input/output error"), failure.getMessage());
            assertThrows(NoSpaceException.class, () -> device.write(8192, block));
            Files.delete(trigger);
            device.write(8192, block);
            device.flush();
            assertArrayEquals(block.toArray(ValueLayout.JAVA_BYTE), stored(8192, 4096));
        }
    }

    @Test
    void manyThreadsShareTheConnection() throws Exception {
        try (NbdServer server = serveImage("--filter=delay", "rdelay=100ms");
                BlockDevice device = NbdDevice.open(server.uri(), Access.READ_ONLY)) {
            long before = System.nanoTime();
            CompletableFuture<?>[] reads = new CompletableFuture<?>[12];
            try (ExecutorService executor = Executors.newFixedThreadPool(reads.length)) {
                for (int i = 0; i < reads.length; i++) {
                    long offset = i * 4096L;
                    reads[i] = CompletableFuture.runAsync(
                            () -> {
                                try {
                                    read(device, offset, 4096);
                                } catch (DeviceException e) {
                                    throw new CompletionException(e);
                                }
                            },
                            executor);
                }
                CompletableFuture.allOf(reads).join();
            }
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
            assertTrue(millis < 800, "12 reads of 100 ms each took " + millis + " ms");
        }
    }

    @Test
    void readsGoOnAtARestartedServerAndWritesToo() throws Exception {
        try (NbdServer server = serveImage();
                BlockDevice device = NbdDevice.open(server.uri(), Access.READ_WRITE, SHORT);
                Arena arena = Arena.ofConfined()) {
            MemorySegment block = random(arena, 4, 4096);
            device.write(4096, block);
            device.flush();
            server.kill();
            CompletableFuture<byte[]> waiting = CompletableFuture.supplyAsync(() -> {
                try {
                    return read(device, 4096, 4096);
                } catch (DeviceException e) {
                    throw new CompletionException(e);
                }
            });
            Thread.sleep(300);
            assertFalse(waiting.isDone());
            server.restart();
            assertArrayEquals(block.toArray(ValueLayout.JAVA_BYTE), waiting.get(5, TimeUnit.SECONDS));
            device.write(8192, block);
            device.flush();
            assertArrayEquals(block.toArray(ValueLayout.JAVA_BYTE), stored(8192, 4096));
        }
    }

    @Test
    void aServerThatIsGoneWithWritesThatWereNotFlushedIsLostForGood() throws Exception {
        try (NbdServer server = serveImage();
                BlockDevice device = NbdDevice.open(server.uri(), Access.READ_WRITE, SHORT);
                Arena arena = Arena.ofConfined()) {
            MemorySegment block = random(arena, 5, 4096);
            device.write(4096, block);
            server.kill();
            server.restart();
            assertThrows(DeviceException.class, () -> read(device, 4096, 4096));
            assertThrows(DeviceException.class, () -> device.write(4096, block));
            DeviceException failure = assertThrows(DeviceException.class, device::flush);
            assertTrue(String.valueOf(failure.getMessage()).contains("not flushed"), failure.getMessage());
        }
    }

    @Test
    void aServerThatDoesNotComeBackFailsEveryRequestInTime() throws Exception {
        try (NbdServer server = serveImage();
                BlockDevice device = NbdDevice.open(server.uri(), Access.READ_WRITE, SHORT)) {
            read(device, 0, 4096);
            server.kill();
            long before = System.nanoTime();
            assertThrows(DeviceException.class, () -> read(device, 0, 4096));
            assertThrows(DeviceException.class, () -> read(device, 0, 4096));
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
            assertTrue(millis >= 2500 && millis < 5000, millis + " ms");
        }
    }

    @Test
    void aServerThatHangsIsLostInTime() throws Exception {
        try (NbdServer server = serveImage("--filter=delay", "wdelay=20");
                BlockDevice device = NbdDevice.open(server.uri(), Access.READ_WRITE, SHORT);
                Arena arena = Arena.ofConfined()) {
            MemorySegment block = random(arena, 6, 4096);
            DeviceException failure = assertThrows(DeviceException.class, () -> device.write(0, block));
            assertTrue(String.valueOf(failure.getMessage()).contains("does not answer"), failure.getMessage());
        }
    }

    @Test
    void aServerThatForgotWhatWasFlushedIsNotUsed() throws Exception {
        try (NbdServer server = serve("memory", "8M");
                BlockDevice device = NbdDevice.open(server.uri(), Access.READ_WRITE, SHORT);
                Arena arena = Arena.ofConfined()) {
            device.write(4096, random(arena, 7, 4096));
            device.flush();
            server.kill();
            server.restart();
            DeviceException failure = assertThrows(DeviceException.class, () -> read(device, 0, 4096));
            assertTrue(String.valueOf(failure.getMessage()).contains("came back, but"), failure.getMessage());
        }
    }

    @Test
    void aServerThatCameBackWithAnotherSizeIsNotUsed() throws Exception {
        try (NbdServer server = serveImage();
                BlockDevice device = NbdDevice.open(server.uri(), Access.READ_ONLY, SHORT)) {
            read(device, 0, 4096);
            server.kill();
            try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
                file.setLength(SIZE_BYTES / 2);
            }
            server.restart();
            DeviceException failure = assertThrows(DeviceException.class, () -> read(device, 0, 4096));
            assertTrue(String.valueOf(failure.getMessage()).contains("4194304 bytes now"), failure.getMessage());
        }
    }
}

package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.Access;
import io.mdfuse.device.FileDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.create.ArrayCreator;
import io.mdfuse.raid.create.CreateOptions;
import io.mdfuse.raid.create.NewConsistency;
import io.mdfuse.raid.create.NewIdentity;
import io.mdfuse.raid.create.NewShape;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.writepath.LogNeeds;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Many threads write to an array in write-back mode whose cache and journal are far too small for them, on real files.
 * The pieces of one thread are between those of the others, so that the threads share chunk rows and stripes, and each
 * thread knows the content of its own blocks. All threads must end and read back what they wrote, before and after the
 * array is closed, and parity must be correct.
 */
final class WriteBackStressTest {
    private static final int THREADS = 8;
    private static final long RUN_MILLIS = 1_500;
    private static final int MEMBER_BYTES = 3 << 20;

    @TempDir
    private Path directory;

    /**
     * @param pieceBlocks how many blocks belong to one thread before those of the next begin
     * @param journalBytes 0 for the smallest that an array of this shape can have
     */
    record Load(int disks, int chunkSectors, int cacheStripes, int pieceBlocks, long journalBytes) {}

    static List<Load> loads() {
        return List.of(
                new Load(3, 8, LogNeeds.LEAST_CACHED_STRIPES, 1, 0),
                new Load(4, 16, LogNeeds.LEAST_CACHED_STRIPES, 5, 0),
                new Load(4, 128, 256, 16, 16 << 20),
                new Load(4, 128, 4096, 64, 0),
                new Load(8, 128, LogNeeds.LEAST_CACHED_STRIPES, 64, 0),
                new Load(5, 32, 1024, 3, 8 << 20),
                new Load(3, 128, 4096, 64, 8 << 20));
    }

    @ParameterizedTest
    @MethodSource("loads")
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void everyWriterComesToAnEnd(Load load) throws Exception {
        List<Path> paths = create(load);
        List<DeviceSpec> specs = paths.stream().map(DeviceSpec::of).toList();
        AssembleOptions options = AssembleOptions.defaults().withStripeCacheSize(load.cacheStripes());
        List<Owner> owners = new ArrayList<>();
        try (RaidArray array = ArrayAssembler.open(specs, options, ArrayRuntime.real(THREADS))) {
            array.setAttribute("journal_mode", "write-back");
            for (int number = 0; number < THREADS; number++) {
                owners.add(new Owner(load, number, array.sizeBytes()));
            }
            assertTrue(runAll(owners, array) > THREADS, "hardly anything was written");
            for (Owner owner : owners) {
                owner.verifyAll(array);
            }
        }
        try (RaidArray array = ArrayAssembler.open(specs, options, ArrayRuntime.real(THREADS))) {
            for (Owner owner : owners) {
                owner.verifyAll(array);
            }
        }
        assertEquals(-1, firstWrongParity(paths.subList(0, load.disks())));
    }

    private static long runAll(List<Owner> owners, RaidArray array) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        long writes = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<Integer>> ends = new ArrayList<>();
            for (Owner owner : owners) {
                ends.add(threads.submit(() -> {
                    start.await();
                    return owner.run(array);
                }));
            }
            start.countDown();
            for (Future<Integer> end : ends) {
                writes += end.get(20, TimeUnit.SECONDS);
            }
        }
        return writes;
    }

    private List<Path> create(Load load) throws IOException {
        List<Path> paths = new ArrayList<>();
        List<io.mdfuse.device.BlockDevice> devices = new ArrayList<>();
        long leastBytes = Sectors.toBytes(2048 + new LogNeeds(load.disks(), 1).leastSectorsToCreate());
        long journalBytes = Math.max(leastBytes, load.journalBytes());
        for (int number = 0; number <= load.disks(); number++) {
            Path path = directory.resolve("disk" + number);
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
                file.setLength(number == load.disks() ? journalBytes : MEMBER_BYTES);
            }
            paths.add(path);
            devices.add(FileDevice.open(path, Access.READ_WRITE, false));
        }
        CreateOptions options = new CreateOptions(
                new NewShape(5, 2, load.disks(), load.chunkSectors(), MetadataVersion.V1_2, 0),
                NewIdentity.named("stress"),
                NewConsistency.RESYNC,
                false);
        new ArrayCreator(options, InstantSource.system(), new Random(7))
                .create(devices.subList(0, load.disks()), devices.getLast());
        for (io.mdfuse.device.BlockDevice device : devices) {
            device.close();
        }
        return paths;
    }

    /**
     * Checks from the first MiB on, where the data areas start at the latest. Before that there are only zeros and the
     * superblock.
     */
    private static long firstWrongParity(List<Path> members) throws IOException {
        byte[] sum = new byte[MEMBER_BYTES];
        for (Path member : members) {
            byte[] bytes = java.nio.file.Files.readAllBytes(member);
            for (int i = 0; i < bytes.length; i++) {
                sum[i] ^= bytes[i];
            }
        }
        for (int i = MEMBER_BYTES / 2; i < MEMBER_BYTES; i++) {
            if (sum[i] != 0) {
                return i;
            }
        }
        return -1;
    }

    /** The blocks of one thread, and their content. */
    private static final class Owner {
        private final Load load;
        private final int number;
        private final long pieces;
        private final Random random;
        private final int[] versions;

        Owner(Load load, int number, long volumeBytes) {
            this.load = load;
            this.number = number;
            this.random = new Random(number);
            this.pieces = volumeBytes / Sectors.BLOCK_BYTES / load.pieceBlocks() / THREADS;
            this.versions = new int[(int) pieces * load.pieceBlocks()];
        }

        int run(RaidArray array) throws IOException {
            int writes = 0;
            long end = System.nanoTime() + Duration.ofMillis(RUN_MILLIS).toNanos();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate((long) load.pieceBlocks() * Sectors.BLOCK_BYTES, 4096);
                while (System.nanoTime() < end) {
                    int piece = random.nextInt((int) pieces);
                    int from = random.nextInt(load.pieceBlocks());
                    int count = 1 + random.nextInt(load.pieceBlocks() - from);
                    switch (random.nextInt(16)) {
                        case 0 -> array.flush();
                        case 1, 2 -> verify(array, piece, from, count, buffer);
                        case 3 -> writePartOfBlock(array, piece, from, buffer);
                        default -> write(array, piece, from, count, buffer);
                    }
                    writes++;
                }
            }
            return writes;
        }

        void verifyAll(RaidArray array) throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate((long) load.pieceBlocks() * Sectors.BLOCK_BYTES, 4096);
                for (int piece = 0; piece < pieces; piece++) {
                    verify(array, piece, 0, load.pieceBlocks(), buffer);
                }
            }
        }

        private long offsetBytes(int piece, int block) {
            return ((long) (piece * THREADS + number) * load.pieceBlocks() + block) * Sectors.BLOCK_BYTES;
        }

        private long wordOf(int index) {
            return versions[index] == 0 ? 0 : ((long) number << 56) ^ ((long) index << 32) ^ versions[index];
        }

        private void write(RaidArray array, int piece, int from, int count, MemorySegment buffer) throws IOException {
            for (int block = 0; block < count; block++) {
                int index = piece * load.pieceBlocks() + from + block;
                versions[index]++;
                fill(buffer.asSlice((long) block * Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES), wordOf(index));
            }
            array.write(offsetBytes(piece, from), buffer.asSlice(0, (long) count * Sectors.BLOCK_BYTES));
        }

        /**
         * Writes a block in two parts, so that the array merges each part into the old block; no other thread writes
         * that block in between.
         */
        private void writePartOfBlock(RaidArray array, int piece, int from, MemorySegment buffer) throws IOException {
            int index = piece * load.pieceBlocks() + from;
            versions[index]++;
            MemorySegment block = buffer.asSlice(0, Sectors.BLOCK_BYTES);
            fill(block, wordOf(index));
            array.write(offsetBytes(piece, from), block.asSlice(0, 1024));
            array.write(offsetBytes(piece, from) + 1024, block.asSlice(1024));
        }

        private static void fill(MemorySegment block, long word) {
            for (long at = 0; at < block.byteSize(); at += Long.BYTES) {
                block.set(ValueLayout.JAVA_LONG, at, word);
            }
        }

        private void verify(RaidArray array, int piece, int from, int count, MemorySegment buffer) throws IOException {
            MemorySegment target = buffer.asSlice(0, (long) count * Sectors.BLOCK_BYTES);
            array.read(offsetBytes(piece, from), target);
            for (int block = 0; block < count; block++) {
                long word = wordOf(piece * load.pieceBlocks() + from + block);
                for (long at = 0; at < Sectors.BLOCK_BYTES; at += Long.BYTES) {
                    assertEquals(
                            word,
                            target.get(ValueLayout.JAVA_LONG, (long) block * Sectors.BLOCK_BYTES + at),
                            "thread " + number + " piece " + piece + " block " + (from + block));
                }
            }
        }
    }
}

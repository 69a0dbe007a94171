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
import java.nio.file.Path;
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
        List<BlockOwner> owners = new ArrayList<>();
        try (RaidArray array = ArrayAssembler.open(specs, options, ArrayRuntime.real(THREADS))) {
            array.setAttribute("journal_mode", "write-back");
            for (int number = 0; number < THREADS; number++) {
                owners.add(new BlockOwner(THREADS, number, load.pieceBlocks(), array.sizeBytes()));
            }
            assertTrue(runAll(owners, array) > THREADS, "hardly anything was written");
            for (BlockOwner owner : owners) {
                owner.verifyAll(array);
            }
        }
        try (RaidArray array = ArrayAssembler.open(specs, options, ArrayRuntime.real(THREADS))) {
            for (BlockOwner owner : owners) {
                owner.verifyAll(array);
            }
        }
        assertEquals(-1, firstWrongParity(paths.subList(0, load.disks())));
    }

    private static long runAll(List<BlockOwner> owners, RaidArray array) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        long writes = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<Integer>> ends = new ArrayList<>();
            for (BlockOwner owner : owners) {
                ends.add(threads.submit(() -> {
                    start.await();
                    return owner.run(array, RUN_MILLIS);
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
}

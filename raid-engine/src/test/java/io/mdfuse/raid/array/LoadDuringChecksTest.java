package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.FileDevice;
import io.mdfuse.raid.create.ArrayCreator;
import io.mdfuse.raid.create.CreateOptions;
import io.mdfuse.raid.create.NewConsistency;
import io.mdfuse.raid.create.NewIdentity;
import io.mdfuse.raid.create.NewShape;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.ConsistencyPolicy;
import io.mdfuse.raid.superblock.MetadataVersion;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Several threads write at random to arrays of each level and consistency policy, whole and degraded, while a check or
 * a repair is started and stopped again and again. No thread gets stuck; each reads what it wrote, also after the array
 * is opened again without one more member; and parity is correct.
 */
final class LoadDuringChecksTest {
    private static final int THREADS = 4;
    private static final int LEAST_STARTED = 2;
    private static final int PIECE_BLOCKS = 3;
    private static final long RUN_MILLIS = 150;
    private static final int MEMBER_BYTES = 3 << 20;
    private static final AssembleOptions RUN = AssembleOptions.defaults().withRun(true);

    @TempDir
    private Path directory;

    private final Random random = new Random(5);

    /** @param fails true if a member is failed in the middle of the load */
    record Environment(ParityLayout layout, ConsistencyPolicy policy, boolean writeBack, boolean fails) {
        int disks() {
            return layout.level() == 6 ? 5 : 4;
        }
    }

    static Stream<Environment> environments() {
        return Stream.of(false, true)
                .flatMap(fails -> Stream.of(
                        new Environment(ParityLayout.RAID4, ConsistencyPolicy.RESYNC, false, fails),
                        new Environment(ParityLayout.LEFT_SYMMETRIC_5, ConsistencyPolicy.RESYNC, false, fails),
                        new Environment(ParityLayout.LEFT_SYMMETRIC_5, ConsistencyPolicy.BITMAP, false, fails),
                        new Environment(ParityLayout.LEFT_SYMMETRIC_5, ConsistencyPolicy.PPL, false, fails),
                        new Environment(ParityLayout.LEFT_SYMMETRIC_5, ConsistencyPolicy.JOURNAL, false, fails),
                        new Environment(ParityLayout.LEFT_SYMMETRIC_6, ConsistencyPolicy.RESYNC, false, fails),
                        new Environment(ParityLayout.LEFT_SYMMETRIC_6, ConsistencyPolicy.BITMAP, false, fails),
                        new Environment(ParityLayout.LEFT_SYMMETRIC_6, ConsistencyPolicy.JOURNAL, true, fails)));
    }

    @ParameterizedTest
    @MethodSource("environments")
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void everyRequestEndsWhileChecksComeAndGo(Environment environment) throws Exception {
        List<DeviceSpec> specs = create(environment);
        List<BlockOwner> owners = new ArrayList<>();
        try (RaidArray array = ArrayShape.hurrying(ArrayAssembler.open(specs, RUN, ArrayRuntime.real(THREADS)))) {
            if (environment.writeBack()) {
                array.setAttribute("journal_mode", "write-back");
            }
            for (int number = 0; number < THREADS; number++) {
                owners.add(new BlockOwner(THREADS, number, PIECE_BLOCKS, array.sizeBytes()));
            }
            load(environment, array, owners);
            verify(owners, array);
            if (!environment.fails()) {
                array.setAttribute("sync_action", "check");
                Rebuilds.awaitSettled(array);
                ScrubRuns.assertFound(array.attributes(), 0, 0);
            }
        }
        List<DeviceSpec> left = new ArrayList<>(specs);
        left.remove(environment.fails() ? 1 : 2);
        if (environment.layout().level() == 6) {
            left.removeFirst();
        }
        try (RaidArray array = ArrayAssembler.open(left, RUN.withReadOnly(true), ArrayRuntime.real(THREADS))) {
            verify(owners, array);
        }
    }

    private static void verify(List<BlockOwner> owners, RaidArray array) throws IOException {
        for (BlockOwner owner : owners) {
            owner.verifyAll(array);
        }
    }

    private void load(Environment environment, RaidArray array, List<BlockOwner> owners) throws Exception {
        AtomicBoolean written = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1)) {
            List<Future<Integer>> ends = new ArrayList<>();
            for (BlockOwner owner : owners) {
                ends.add(threads.submit(() -> owner.run(array, RUN_MILLIS)));
            }
            Future<Boolean> scrubs = threads.submit(() -> startAndStop(environment, array, written));
            try {
                int writes = 0;
                for (Future<Integer> end : ends) {
                    writes += end.get(20, TimeUnit.SECONDS);
                }
                assertTrue(writes > THREADS, "hardly anything was written");
            } finally {
                written.set(true);
            }
            scrubs.get(20, TimeUnit.SECONDS);
        }
    }

    private boolean startAndStop(Environment environment, RaidArray array, AtomicBoolean written) throws Exception {
        int started = 0;
        boolean whole = true;
        long half = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(RUN_MILLIS / 2);
        // The first array of a test run may be written before its first check has begun.
        while (!written.get() || started < LEAST_STARTED || whole == environment.fails()) {
            if (whole && environment.fails() && started >= LEAST_STARTED && System.nanoTime() > half) {
                Rebuilds.manager(array).fail(directory.resolve("disk1").toString(), false);
                whole = false;
            }
            if (whole || environment.layout().level() == 6) {
                array.setAttribute("sync_action", random.nextInt(4) == 0 ? "repair" : "check");
                started++;
            }
            Thread.sleep(random.nextInt(6));
            array.setAttribute("sync_action", "idle");
            assertEquals("idle", Rebuilds.attribute(array, "sync_action"));
        }
        return whole;
    }

    /** The members, with zeros and thus correct parity; the last device is the journal if the policy needs one. */
    private List<DeviceSpec> create(Environment environment) throws IOException {
        boolean journal = environment.policy() == ConsistencyPolicy.JOURNAL;
        ParityLayout layout = environment.layout();
        List<DeviceSpec> specs = new ArrayList<>();
        List<BlockDevice> devices = new ArrayList<>();
        for (int number = 0; number < environment.disks() + (journal ? 1 : 0); number++) {
            Path path = directory.resolve("disk" + number);
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
                file.setLength(MEMBER_BYTES);
            }
            specs.add(DeviceSpec.of(path));
            devices.add(FileDevice.open(path, Access.READ_WRITE, false));
        }
        CreateOptions options = new CreateOptions(
                new NewShape(layout.level(), layout.number(), environment.disks(), 16, MetadataVersion.V1_2, 0),
                NewIdentity.named("load"),
                new NewConsistency(environment.policy(), 0, true),
                false);
        new ArrayCreator(options, InstantSource.system(), new Random(7))
                .create(devices.subList(0, environment.disks()), journal ? devices.getLast() : null);
        for (BlockDevice device : devices) {
            device.close();
        }
        return specs;
    }
}

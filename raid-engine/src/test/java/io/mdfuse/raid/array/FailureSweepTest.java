package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultPlan.Verb;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.Survival;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One device fails at the nth of its I/Os, for every n of a workload: it dies there, or just that one call fails. The
 * array goes on, nothing that was answered is lost, and the superblocks say what happened: also where power fails some time
 * later, and the device that failed is back afterwards, with whatever it holds.
 */
class FailureSweepTest {
    private static final int CRASHES_EACH = 4;

    static Stream<ArrayShape> shapes() {
        return Stream.of(
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.RAID4, 4, 8, 5, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 4, 0, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 5, 24, Superblock.IN_SYNC, false),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 5, 40, Superblock.IN_SYNC, true),
                new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 4, 40, Superblock.IN_SYNC, true),
                new ArrayShape(ParityLayout.RAID4, 3, 16, 4, 64, Superblock.IN_SYNC, true));
    }

    /** How a device fails. */
    private enum Kind {
        DIES,
        WRITE_FAILS,
        FLUSH_FAILS,
        READ_FAILS,
        TRIM_FAILS
    }

    /** One array with one fault in it. */
    private static final class Run {
        private final CrashTrace trace = CrashTrace.recording();
        private final List<CrashDisk> disks;
        private final List<FaultPlan> plans = new ArrayList<>();
        private final List<BlockDevice> devices = new ArrayList<>();
        private final VolumeModel model;

        /** @param journalFails then a block that is on its way to a member may be torn, as in any array without a journal */
        Run(ArrayShape shape, boolean journalFails) throws IOException {
            this.disks = shape.create(trace);
            trace.restart();
            boolean journaled = shape.journalBlocks() > 0;
            this.model = new VolumeModel(
                    trace,
                    shape.geometry().arrayBytes(),
                    journaled && !journalFails ? 4096 : 512,
                    journaled && !shape.writeBack(),
                    42);
            for (CrashDisk disk : disks) {
                FaultPlan plan = new FaultPlan(7);
                plans.add(plan);
                devices.add(new FaultyDevice(disk, plan));
            }
        }

        int calls(int device, Kind kind) {
            FaultPlan plan = plans.get(device);
            return switch (kind) {
                case DIES ->
                    plan.calls(Verb.READ) + plan.calls(Verb.WRITE) + plan.calls(Verb.FLUSH) + plan.calls(Verb.TRIM);
                case WRITE_FAILS -> plan.calls(Verb.WRITE);
                case FLUSH_FAILS -> plan.calls(Verb.FLUSH);
                case READ_FAILS -> plan.calls(Verb.READ);
                case TRIM_FAILS -> plan.calls(Verb.TRIM);
            };
        }

        void plan(int device, Kind kind, int nth) {
            FaultPlan plan = plans.get(device);
            switch (kind) {
                case DIES -> plan.dieAfter(nth - 1);
                case WRITE_FAILS -> plan.failNth(Verb.WRITE, nth);
                case FLUSH_FAILS -> plan.failNth(Verb.FLUSH, nth);
                case READ_FAILS -> plan.failNth(Verb.READ, nth);
                case TRIM_FAILS -> plan.failNth(Verb.TRIM, nth);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void anyOneDeviceMayFailAtAnyOfItsCalls(ArrayShape shape) throws IOException {
        Run sound = new Run(shape, false);
        RaidArray open = shape.open(sound.devices);
        List<Map<Kind, Integer>> callsToOpen = new ArrayList<>();
        for (int device = 0; device < sound.devices.size(); device++) {
            Map<Kind, Integer> calls = new EnumMap<>(Kind.class);
            for (Kind kind : Kind.values()) {
                calls.put(kind, sound.calls(device, kind));
            }
            callsToOpen.add(calls);
        }
        work(shape, open, sound.model, false);
        open.close();
        int runs = 0;
        for (int device = 0; device < sound.devices.size(); device++) {
            for (Kind kind : Kind.values()) {
                for (int nth = 1; nth <= sound.calls(device, kind); nth++) {
                    try {
                        failAt(
                                shape,
                                device,
                                kind,
                                nth,
                                nth <= callsToOpen.get(device).getOrDefault(kind, 0));
                    } catch (IOException | RuntimeException | AssertionError e) {
                        throw new AssertionError(
                                "device " + device + " " + kind + " at its call " + nth + ": " + e.getMessage(), e);
                    }
                    runs++;
                }
            }
        }
        assertTrue(runs > 100, "only " + runs + " runs");
    }

    private static void failAt(ArrayShape shape, int device, Kind kind, int nth, boolean duringOpening)
            throws IOException {
        boolean isJournal = device == shape.disks();
        Run run = new Run(shape, isJournal);
        run.plan(device, kind, nth);
        RaidArray array;
        try {
            array = shape.open(run.devices);
        } catch (IOException e) {
            // An array that is opened may be refused; what is on its devices has to be as good as before.
            assertTrue(duringOpening, e.getMessage());
            RaidArray again = shape.open(reopened(run.disks, CrashTrace.notRecording()), true);
            run.model.checkAnswered(again);
            again.close();
            return;
        }
        work(shape, array, run.model, isJournal);
        run.model.checkAnswered(array);
        try {
            array.close();
        } catch (IOException e) {
            assertTrue(isJournal, "close: " + e.getMessage());
        }
        boolean failed = !"0".equals(array.attributes().get("degraded"));
        boolean harmless =
                kind == Kind.READ_FAILS || isJournal || run.plans.get(device).failures() == 0;
        assertTrue(failed || harmless, "the member is still in the array");
        crashAnywhere(shape, run, 31L * kind.name().hashCode() + 1000L * device + nth);
        RaidArray again = openWhatIsLeft(shape, run.disks);
        run.model.checkAnswered(again);
        assertEquals(failed ? "1" : "0", again.attributes().get("degraded"));
        again.close();
    }

    private static List<CrashDisk> reopened(List<CrashDisk> disks, CrashTrace trace) {
        return disks.stream()
                .map(disk -> new CrashDisk(disk.name(), disk.image(), trace))
                .toList();
    }

    /** As a user would: without the member that failed, and where the journal has, without that for good. */
    private static RaidArray openWhatIsLeft(ArrayShape shape, List<CrashDisk> disks) throws IOException {
        try {
            return shape.open(reopened(disks, CrashTrace.notRecording()), true);
        } catch (ArrayRefusedException e) {
            if (e.reason() != ArrayRefusedException.Reason.MISSING) {
                throw e;
            }
            AssembleOptions dropping = AssembleOptions.defaults().withRun(true).withDropJournal(true);
            return ArrayShape.open(reopened(disks, CrashTrace.notRecording()), null, dropping);
        }
    }

    private static void crashAnywhere(ArrayShape shape, Run run, long seed) throws IOException {
        Random random = new Random(seed);
        for (int crash = 0; crash < CRASHES_EACH; crash++) {
            int prefix = random.nextInt(run.trace.length() + 1);
            Survival survival = new Survival.Seeded(random.nextLong());
            try {
                RaidArray recovered;
                try {
                    recovered = openWhatIsLeft(shape, run.trace.materialise(prefix, survival));
                } catch (ArrayRefusedException e) {
                    // Dirty and degraded, without a journal or in a trim, which is not logged: nothing is made up.
                    assertTrue(e.reason() == ArrayRefusedException.Reason.UNSAFE, e::getMessage);
                    continue;
                }
                run.model.check(recovered, prefix);
                recovered.close();
            } catch (IOException | AssertionError e) {
                throw new AssertionError("crash after " + prefix + " events, " + survival + ": " + e.getMessage(), e);
            }
        }
    }

    private static void work(ArrayShape shape, RaidArray array, VolumeModel model, boolean mayFail) throws IOException {
        int rowBytes = (int) (shape.geometry().rowSectors() * 512);
        List<Step> steps = List.of(
                () -> model.write(array, 0, rowBytes),
                () -> model.write(array, rowBytes, 4096),
                () -> model.flush(array),
                () -> model.write(array, 100, 700),
                () -> model.write(array, rowBytes + 4096, 3000),
                () -> model.zero(array, 4096, 2 * rowBytes),
                () -> model.write(array, rowBytes + 512, 512),
                () -> model.flush(array),
                () -> model.write(array, 3L * rowBytes, rowBytes),
                () -> model.write(array, 3L * rowBytes + 4096, 4096),
                () -> model.flush(array));
        for (Step step : steps) {
            try {
                step.run();
            } catch (IOException e) {
                assertTrue(mayFail, e.getMessage());
            }
        }
    }

    private interface Step {
        void run() throws IOException;
    }
}

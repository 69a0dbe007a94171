package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.FullHost;
import io.mdfuse.device.FullHostDevice;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.Survival;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The host's file system with one image, or with all of them, is full from the nth I/O on, for every n of a workload.
 * Writes fail, but no member becomes faulty, and when there is space again, the array continues with every byte that
 * was acknowledged; even if power fails in between.
 */
@Execution(ExecutionMode.CONCURRENT)
class HostFullSweepTest {
    private static final int ALL = -1;
    private static final int CRASHES_EACH = 3;

    /** A kind of array, and how it is opened. */
    private interface Kind {
        ArrayGeometry geometry();

        List<CrashDisk> create(CrashTrace trace) throws IOException;

        RaidArray open(List<? extends BlockDevice> devices) throws IOException;

        long wrongParity(List<CrashDisk> disks) throws IOException;

        long dataOffsetSectors();

        /** The unit that a crash must not tear, in bytes. */
        int pieceBytes();

        boolean safeOnReturn();

        /** How many members are missing from the start. */
        default int degraded() {
            return 0;
        }
    }

    /** A journaled array without the member of slot 1. */
    private record Degraded(Plain whole) implements Kind {
        @Override
        public ArrayGeometry geometry() {
            return whole.geometry();
        }

        @Override
        public List<CrashDisk> create(CrashTrace trace) throws IOException {
            List<CrashDisk> disks = new ArrayList<>(whole.create(CrashTrace.notRecording()));
            disks.remove(1);
            for (CrashDisk disk : disks) {
                Superblocks.edit(disk, editor -> editor.role(1, Roles.FAULTY));
            }
            return CrashDisk.onTrace(disks, trace);
        }

        @Override
        public RaidArray open(List<? extends BlockDevice> devices) throws IOException {
            return whole.shape().open(devices, true);
        }

        @Override
        public long wrongParity(List<CrashDisk> disks) {
            return -1;
        }

        @Override
        public long dataOffsetSectors() {
            return whole.dataOffsetSectors();
        }

        @Override
        public int pieceBytes() {
            return whole.pieceBytes();
        }

        @Override
        public boolean safeOnReturn() {
            return true;
        }

        @Override
        public int degraded() {
            return 1;
        }
    }

    private record Plain(ArrayShape shape) implements Kind {
        @Override
        public ArrayGeometry geometry() {
            return shape.geometry();
        }

        @Override
        public List<CrashDisk> create(CrashTrace trace) throws IOException {
            return shape.create(trace);
        }

        @Override
        public RaidArray open(List<? extends BlockDevice> devices) throws IOException {
            return shape.open(devices);
        }

        @Override
        public long wrongParity(List<CrashDisk> disks) throws IOException {
            return shape.wrongParity(disks);
        }

        @Override
        public long dataOffsetSectors() {
            return ArrayShape.DATA_OFFSET_SECTORS;
        }

        @Override
        public int pieceBytes() {
            return shape.journalBlocks() > 0 ? 4096 : 512;
        }

        @Override
        public boolean safeOnReturn() {
            return shape.journalBlocks() > 0 && !shape.writeBack();
        }
    }

    private record WithPolicy(PolicyShape shape) implements Kind {
        @Override
        public ArrayGeometry geometry() {
            return shape.geometry();
        }

        @Override
        public List<CrashDisk> create(CrashTrace trace) throws IOException {
            return shape.create(trace);
        }

        @Override
        public RaidArray open(List<? extends BlockDevice> devices) throws IOException {
            return ArrayShape.hurrying(PolicyShape.open(devices, new ManualTimer()));
        }

        @Override
        public long wrongParity(List<CrashDisk> disks) throws IOException {
            return shape.wrongParity(disks);
        }

        @Override
        public long dataOffsetSectors() {
            return PolicyShape.DATA_OFFSET_SECTORS;
        }

        @Override
        public int pieceBytes() {
            return 512;
        }

        @Override
        public boolean safeOnReturn() {
            return false;
        }
    }

    static Stream<Kind> kinds() {
        long inSync = Superblock.IN_SYNC;
        return Stream.of(
                new Plain(new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, 0, inSync, false)),
                new Plain(new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, 0, 0, false)),
                new Plain(new ArrayShape(ParityLayout.RAID4, 4, 8, 5, 0, inSync, false)),
                new Plain(new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 4, 0, inSync, false)),
                new Plain(new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 5, 24, inSync, false)),
                new Plain(new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 5, 40, inSync, true)),
                new Plain(new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 4, 40, inSync, true)),
                new Plain(new ArrayShape(ParityLayout.RAID4, 3, 16, 4, 64, inSync, true)),
                new Degraded(new Plain(new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 4, 8, 5, 24, inSync, false))),
                new Degraded(new Plain(new ArrayShape(ParityLayout.LEFT_SYMMETRIC_6, 5, 8, 4, 40, inSync, false))),
                new WithPolicy(new PolicyShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, Features.BITMAP, inSync)),
                new WithPolicy(new PolicyShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, Features.PPL, inSync)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void theHostMayBeFullFromAnyCallOn(Kind kind) throws IOException {
        int runs = 0;
        for (boolean reserves : List.of(true, false)) {
            int last = kind.create(CrashTrace.notRecording()).size() - 1;
            for (int full : List.of(ALL, 0, last)) {
                Run dry = new Run(kind, full, reserves);
                RaidArray open = kind.open(dry.devices);
                int callsToOpen = dry.host.calls();
                dry.work(open);
                open.close();
                for (int nth = 1; nth <= dry.host.calls(); nth++) {
                    try {
                        new Run(kind, full, reserves).fullFromCall(nth, nth <= callsToOpen);
                    } catch (IOException | RuntimeException | AssertionError e) {
                        throw new AssertionError(
                                "device " + full + (reserves ? ", reserving" : ", not reserving") + ", full at call "
                                        + nth + ": " + e.getMessage(),
                                e);
                    }
                    runs++;
                }
            }
        }
        assertTrue(runs > 100, "only " + runs + " runs");
    }

    /** Like NFS or a full thin volume: writes succeed, and the flush reports that they may be lost. */
    @ParameterizedTest
    @MethodSource("kinds")
    void aFlushThatLosesWritesBecauseTheHostIsFullFailsNoMember(Kind kind) throws IOException {
        for (int full : List.of(ALL, 0, kind.create(CrashTrace.notRecording()).size() - 1)) {
            Run run = new Run(kind, full, false);
            RaidArray array = kind.open(run.devices);
            run.work(array);
            run.host.refuseFlushes();
            run.work(array);
            run.checkNobodyFailed(array);
            try {
                array.close();
            } catch (IOException e) {
                assertTrue(DeviceException.isHostOutOfSpace(e), e.getMessage());
            }
            run.checkReopened(false);
        }
    }

    /** One array whose host fills up, and its workload. */
    private static final class Run {
        private final Kind kind;
        private final boolean reserves;
        private final CrashTrace trace = CrashTrace.recording();
        private final List<CrashDisk> disks;
        private final FullHost host;
        private final List<BlockDevice> devices = new ArrayList<>();
        private final VolumeModel model;

        Run(Kind kind, int full, boolean reserves) throws IOException {
            this.kind = kind;
            this.reserves = reserves;
            this.disks = kind.create(trace);
            this.host = new FullHost(reserves);
            trace.restart();
            long metadataBytes = Sectors.toBytes(kind.dataOffsetSectors());
            for (int i = 0; i < disks.size(); i++) {
                CrashDisk disk = disks.get(i);
                devices.add(full == ALL || full == i ? new FullHostDevice(disk, host, metadataBytes) : disk);
            }
            this.model =
                    new VolumeModel(trace, kind.geometry().arrayBytes(), kind.pieceBytes(), kind.safeOnReturn(), 42);
        }

        /** Returns how many requests failed. */
        int work(RaidArray array) throws IOException {
            int rowBytes = (int) Sectors.toBytes(kind.geometry().rowSectors());
            List<Step> steps = List.of(
                    () -> model.write(array, 0, rowBytes),
                    () -> model.write(array, rowBytes, 4096),
                    () -> model.flush(array),
                    () -> model.write(array, rowBytes + 4096, 4096),
                    () -> model.zero(array, 4096, 2 * rowBytes),
                    () -> model.write(array, rowBytes, 8192),
                    () -> model.flush(array),
                    () -> model.write(array, 2L * rowBytes, 2 * rowBytes),
                    () -> model.write(array, 3L * rowBytes + 4096, 4096),
                    () -> model.flush(array));
            int refused = 0;
            for (Step step : steps) {
                try {
                    step.run();
                } catch (IOException e) {
                    assertTrue(DeviceException.isHostOutOfSpace(e), "refused for another reason: " + e.getMessage());
                    refused++;
                }
            }
            return refused;
        }

        void fullFromCall(int nth, boolean duringOpening) throws IOException {
            host.fillAtCall(nth);
            RaidArray array;
            try {
                array = kind.open(devices);
            } catch (IOException e) {
                assertTrue(duringOpening, e.getMessage());
                assertNotNull(NoSpaceException.findIn(e), e.getMessage());
                host.makeSpace();
                checkReopened(true);
                return;
            }
            int refused = work(array);
            // Content in the log is safe, although a member has no space for it.
            assertTrue(host.refusals() == 0 || refused > 0 || kind.pieceBytes() == 4096, "no request heard of it");
            checkNobodyFailed(array);
            crashAnywhere(nth);
            host.makeSpace();
            boolean goesOn = goOn(array);
            assertTrue(goesOn || !reserves, "the array did not go on though everything had been reserved");
            if (goesOn) {
                model.checkAnswered(array);
            }
            checkNobodyFailed(array);
            try {
                array.close();
            } catch (IOException e) {
                assertTrue(!goesOn, "close: " + e.getMessage());
            }
            checkReopened(goesOn);
        }

        /** False if the log has stopped: then no write succeeds before the next mount. */
        private boolean goOn(RaidArray array) throws IOException {
            try {
                model.flush(array);
                model.write(array, 8192, 8192);
                model.write(array, 3L * Sectors.toBytes(kind.geometry().rowSectors()), 4096);
                model.flush(array);
                return true;
            } catch (IOException e) {
                assertNotNull(NoSpaceException.findIn(e), e.getMessage());
                return false;
            }
        }

        private void checkNobodyFailed(RaidArray array) {
            assertEquals(Integer.toString(kind.degraded()), array.attributes().get("degraded"));
            array.attributes()
                    .forEach((name, value) ->
                            assertTrue(!name.startsWith("dev") || !value.startsWith("faulty"), name + " " + value));
        }

        private void checkReopened(boolean answered) throws IOException {
            List<CrashDisk> found = Rebuilds.reopened(disks);
            RaidArray again = kind.open(found);
            if (answered) {
                model.checkAnswered(again);
            } else {
                model.check(again, trace.length());
            }
            checkNobodyFailed(again);
            again.close();
            assertEquals(-1, kind.wrongParity(Rebuilds.reopened(found)), "parity does not fit");
        }

        private void crashAnywhere(long seed) throws IOException {
            Random random = new Random(seed);
            for (int crash = 0; crash < CRASHES_EACH; crash++) {
                int prefix = random.nextInt(trace.length() + 1);
                Survival survival = new Survival.Seeded(random.nextLong());
                try {
                    RaidArray recovered = kind.open(trace.materialise(prefix, survival));
                    model.check(recovered, prefix);
                    checkNobodyFailed(recovered);
                    recovered.close();
                } catch (IOException | AssertionError e) {
                    throw new AssertionError(
                            "crash after " + prefix + " events, " + survival + ": " + e.getMessage(), e);
                }
            }
        }
    }

    private interface Step {
        void run() throws IOException;
    }
}

package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.ForwardingDevice;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.sync.Resync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** If opening or closing an array throws any exception or error, the devices are closed and the threads end. */
class ArrayClosingTest {
    private static final ArrayShape SHAPE =
            new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, 40, Superblock.IN_SYNC, false);

    @TempDir
    Path directory;

    /** A device whose flush or close throws when the test asks for it. It counts how often it is closed. */
    private static final class FailingDevice extends ForwardingDevice {
        private @Nullable Throwable fromFlush;
        private @Nullable Throwable fromClose;
        private int closed;

        FailingDevice(BlockDevice device) {
            super(device);
        }

        private static void raise(@Nullable Throwable failure) throws DeviceException {
            if (failure instanceof DeviceException e) {
                throw e;
            }
            raiseUnchecked(failure);
        }

        static void raiseUnchecked(@Nullable Throwable failure) {
            switch (failure) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new IllegalStateException(failure);
            }
        }

        @Override
        public void flush() throws DeviceException {
            raise(fromFlush);
            device.flush();
        }

        @Override
        public void close() throws DeviceException {
            closed++;
            device.close();
            raise(fromClose);
        }
    }

    static Stream<Throwable> failures() {
        return Stream.of(
                new DeviceException("disk", "flush", 0, 0, "it is gone"),
                new IllegalStateException("a defect"),
                new OutOfMemoryError("no memory"));
    }

    private static List<FailingDevice> devices(ArrayShape shape) throws IOException {
        List<FailingDevice> devices = new ArrayList<>();
        for (CrashDisk disk : shape.create(CrashTrace.notRecording())) {
            devices.add(new FailingDevice(disk));
        }
        return devices;
    }

    private static ArrayRuntime runtime(ManualTimer timer) {
        return new ArrayRuntime(timer, timer, new DirectExecutor(), new Random(1), 2);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void everyDeviceIsClosedIfTheStopFails(Throwable failure) throws IOException {
        List<FailingDevice> devices = devices(SHAPE);
        ArrayRuntime runtime = runtime(new ManualTimer());
        RaidArray array = ArrayAssembler.assemble(devices, null, AssembleOptions.defaults(), runtime);
        Rebuilds.write(array, new byte[4096], 0, 4096, new Random(1));
        devices.getLast().fromFlush = failure;
        assertThrows(Throwable.class, array::close);
        devices.forEach(device -> assertEquals(1, device.closed, device.name()));
        assertTrue(runtime.workers().isShutdown());
        assertTrue(runtime.timer().isShutdown());
    }

    @ParameterizedTest
    @MethodSource("failures")
    void everyDeviceIsClosedIfOneCantBe(Throwable failure) throws IOException {
        for (boolean readOnly : new boolean[] {false, true}) {
            List<FailingDevice> devices = devices(SHAPE);
            RaidArray array = ArrayAssembler.assemble(
                    devices, null, AssembleOptions.defaults().withReadOnly(readOnly), runtime(new ManualTimer()));
            devices.getFirst().fromClose = failure;
            assertSame(failure, assertThrows(Throwable.class, array::close));
            devices.forEach(device -> assertEquals(1, device.closed, device.name()));
        }
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailedOpeningClosesWhatItOpened(Throwable failure) throws IOException {
        List<Path> images = new ArrayList<>();
        for (CrashDisk disk : SHAPE.create(CrashTrace.notRecording())) {
            Path image = directory.resolve(disk.name());
            Files.write(image, PolicyShape.read(disk, 0, (int) disk.sizeBytes()));
            images.add(image);
        }
        ManualTimer timer = new ManualTimer();
        ArrayRuntime runtime = new ArrayRuntime(
                () -> {
                    FailingDevice.raiseUnchecked(failure);
                    return Instant.EPOCH;
                },
                timer,
                new DirectExecutor(),
                new Random(1),
                2);
        List<DeviceSpec> specs = images.stream().map(DeviceSpec::of).toList();
        assertThrows(Throwable.class, () -> ArrayAssembler.open(specs, AssembleOptions.defaults(), runtime));
        assertFalse(isOpen(images.getFirst()));
        ArrayAssembler.open(specs, AssembleOptions.defaults(), runtime(timer)).close();
        assertFalse(isOpen(images.getFirst()));
    }

    /** An array whose start fails is stopped again: no task uses its devices afterwards. */
    @Test
    void anArrayThatCantStartIsClosed() throws IOException {
        ArrayShape dirty = new ArrayShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, 0, 0, false);
        List<FailingDevice> devices = devices(dirty);
        ManualTimer timer = new ManualTimer();
        DirectExecutor noWorkers = new DirectExecutor() {
            @Override
            public void execute(Runnable task) {
                if (task instanceof Resync) {
                    throw new RejectedExecutionException("no thread");
                }
                super.execute(task);
            }
        };
        ArrayRuntime runtime = new ArrayRuntime(timer, timer, noWorkers, new Random(1), 2);
        assertThrows(
                RejectedExecutionException.class,
                () -> ArrayAssembler.assemble(devices, null, AssembleOptions.defaults(), runtime));
        devices.forEach(device -> assertEquals(1, device.closed, device.name()));
        assertTrue(noWorkers.isShutdown());
    }

    private static boolean isOpen(Path file) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.anyMatch(descriptor -> {
                try {
                    return Files.readSymbolicLink(descriptor).equals(file);
                } catch (IOException e) {
                    return false;
                }
            });
        }
    }
}

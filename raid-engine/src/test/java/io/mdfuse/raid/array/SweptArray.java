package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.Survival;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A small array whose devices fail as a test asks, with a workload, and with checks of what must be left afterwards.
 */
final class SweptArray {
    private final ArrayShape shape;
    private final CrashTrace trace = CrashTrace.recording();
    private final List<CrashDisk> disks;
    private final List<FaultPlan> plans = new ArrayList<>();
    private final List<BlockDevice> devices = new ArrayList<>();
    private final VolumeModel model;
    private int firstCrash;

    /**
     * @param journalFails then a block that is on its way to a member may be torn, as in any array without a journal
     */
    SweptArray(ArrayShape shape, boolean journalFails) throws IOException {
        this.shape = shape;
        this.disks = new ArrayList<>(shape.create(trace));
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

    /** A blank device with the next number; a crash affects it too. */
    BlockDevice blank(String name) {
        CrashDisk disk = Rebuilds.blank(shape, name, trace);
        FaultPlan plan = new FaultPlan(8);
        disks.add(disk);
        plans.add(plan);
        devices.add(new FaultyDevice(disk, plan));
        return devices.getLast();
    }

    /** Power fails only after this position. */
    void nothingFailsBeforeThis() {
        firstCrash = trace.length();
    }

    RaidArray open() throws IOException {
        return shape.open(devices);
    }

    /** The number of devices, including the journal, which is the last one. */
    int deviceCount() {
        return devices.size();
    }

    boolean isJournal(int device) {
        return device == shape.disks() && shape.journalBlocks() > 0;
    }

    FaultPlan plan(int device) {
        return plans.get(device);
    }

    boolean hasFailed(int device) {
        return plans.get(device).failures() > 0;
    }

    VolumeModel model() {
        return model;
    }

    /** @param mayFail true if requests may fail, because the journal fails */
    void work(RaidArray array, boolean mayFail) throws IOException {
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

    /** All devices are back with their content: all acknowledged writes are there. */
    void checkAllDevicesBack() throws IOException {
        RaidArray again = shape.open(reopened(disks), true);
        model.checkAnswered(again);
        again.close();
    }

    /**
     * The array had stopped, and all devices are back with their content: all durable writes are there. If stripes may
     * be half written that no journal completes, because there is none or because of a trim, the array is refused.
     */
    void checkSafeWithAllDevicesBack() throws IOException {
        RaidArray again;
        try {
            again = openWhatIsLeft(disks, false);
        } catch (ArrayRefusedException e) {
            assertTrue(e.reason() == ArrayRefusedException.Reason.UNSAFE, e::getMessage);
            return;
        }
        model.check(again, trace.length());
        again.close();
    }

    /** The slots of the members that the array calls faulty. */
    List<Integer> givenUp(RaidArray array) {
        return devicesThatAre(array, "faulty");
    }

    private List<Integer> devicesThatAre(RaidArray array, String word) {
        return IntStream.range(0, deviceCount())
                .filter(number -> Rebuilds.attribute(array, "dev" + number).startsWith(word))
                .filter(number -> !isJournal(number))
                .boxed()
                .toList();
    }

    /** The superblocks of the remaining members must record the faulty members. */
    void checkIsOnRecord(RaidArray array) throws IOException {
        for (int device : devicesThatAre(array, "in_sync")) {
            Superblock superblock =
                    MemberLocator.require(reopened(disks).get(device)).superblock();
            for (int failed : givenUp(array)) {
                assertEquals(Roles.FAULTY, superblock.role(failed), "device " + device + " of device " + failed);
            }
        }
    }

    /** Opens the array as a user would: with the failed devices, and without. */
    void checkWhatIsLeft(List<Integer> givenUp, boolean force) throws IOException {
        List<CrashDisk> sound = new ArrayList<>(disks);
        givenUp.reversed().forEach(device -> sound.remove(device.intValue()));
        for (List<CrashDisk> given : List.of(disks, sound)) {
            RaidArray again = openWhatIsLeft(given, force);
            model.checkAnswered(again);
            assertEquals(Integer.toString(givenUp.size()), again.attributes().get("degraded"));
            again.close();
        }
    }

    /** Copies of the disks that belong to the array. */
    private static List<CrashDisk> reopened(List<CrashDisk> left) throws IOException {
        return Superblocks.on(Rebuilds.reopened(left));
    }

    /**
     * Opens the array as a user would: without the failed member, and if the journal failed, with --drop-journal.
     *
     * @param force true if the journal failed in addition to a member, so that the content may be in doubt
     */
    private RaidArray openWhatIsLeft(List<CrashDisk> left, boolean force) throws IOException {
        AssembleOptions options = AssembleOptions.defaults().withRun(true);
        try {
            return shape.open(reopened(left), true);
        } catch (ArrayRefusedException e) {
            if (e.reason() == ArrayRefusedException.Reason.MISSING) {
                options = options.withDropJournal(true);
            } else if (e.reason() != ArrayRefusedException.Reason.UNSAFE || !force) {
                throw e;
            }
        }
        try {
            return ArrayShape.open(reopened(left), null, options);
        } catch (ArrayRefusedException e) {
            if (e.reason() != ArrayRefusedException.Reason.UNSAFE || !force) {
                throw e;
            }
        }
        return ArrayShape.open(reopened(left), null, options.withForce(true));
    }

    /** Power failed at some positions, with a part of the unflushed writes on the media, and all devices are back. */
    void crashAnywhere(int crashes, long seed) throws IOException {
        Random random = new Random(seed);
        for (int crash = 0; crash < crashes; crash++) {
            int prefix = firstCrash + random.nextInt(trace.length() + 1 - firstCrash);
            Survival survival = new Survival.Seeded(random.nextLong());
            try {
                RaidArray recovered;
                try {
                    recovered = openWhatIsLeft(trace.materialise(prefix, survival), false);
                } catch (ArrayRefusedException e) {
                    // Dirty and degraded, without a journal or during a trim, which is not logged: the array is
                    // refused.
                    assertTrue(e.reason() == ArrayRefusedException.Reason.UNSAFE, e::getMessage);
                    continue;
                }
                model.check(recovered, prefix);
                recovered.close();
            } catch (IOException | AssertionError e) {
                throw new AssertionError("crash after " + prefix + " events, " + survival + ": " + e.getMessage(), e);
            }
        }
    }
}

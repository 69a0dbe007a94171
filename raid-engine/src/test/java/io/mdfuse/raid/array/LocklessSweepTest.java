package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.FaultPlan;
import io.mdfuse.device.FaultyDevice;
import io.mdfuse.device.Survival;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * As {@link PolicySweepTest}, on an array with a lockless bitmap: a member fails at the nth of its I/Os, for every n.
 * What was written reads back, then and from the other members alone.
 */
class LocklessSweepTest {
    private static final LocklessShape SHAPE = new LocklessShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 6, 16, 512);
    private static final int FAILING = 1;

    /** @param filledAt where the trace was when all of the volume had content, flushed */
    private record Run(
            FaultPlan plan, CrashTrace trace, List<CrashDisk> disks, VolumeModel model, RaidArray array, int filledAt) {
        static Run of(FaultPlan plan) throws IOException {
            CrashTrace trace = CrashTrace.recording();
            List<CrashDisk> disks = SHAPE.create(trace);
            trace.restart();
            VolumeModel model = new VolumeModel(trace, SHAPE.geometry().arrayBytes(), 512, false, 42);
            ManualTimer timer = new ManualTimer();
            RaidArray array = PolicyShape.open(FaultyDevice.among(disks, FAILING, plan), timer);
            model.write(array, 0, (int) array.sizeBytes());
            model.flush(array);
            int filledAt = trace.length();
            LocklessCrashTest.runWorkload(SHAPE, array, model, timer);
            model.flush(array);
            model.checkAnswered(array);
            array.close();
            return new Run(plan, trace, disks, model, array, filledAt);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMemberMayFailAtAnyOfItsCalls(FaultKind kind) throws IOException {
        int calls = kind.calls(Run.of(new FaultPlan(1)).plan());
        int runs = 0;
        for (int nth = 1; nth <= calls; nth++) {
            FaultPlan plan = new FaultPlan(1);
            kind.plan(plan, nth);
            Run run;
            try {
                run = Run.of(plan);
            } catch (IOException e) {
                // It failed while the array was opened: nothing was written.
                assertTrue(nth < 20, kind + " at call " + nth + ": " + e.getMessage());
                continue;
            }
            runs++;
            String degraded = Rebuilds.attribute(run.array(), "degraded");
            if (kind.costsTheMember() && plan.failures() > 0) {
                assertEquals("1", degraded, kind + " at call " + nth);
            }
            crashAnywhere(run, 31L * nth + kind.name().hashCode());
            List<CrashDisk> left = new ArrayList<>(Rebuilds.reopened(run.disks()));
            left.remove(FAILING);
            RaidArray again = PolicyShape.open(
                    left, new ManualTimer(), AssembleOptions.defaults().withRun(true));
            run.model().checkAnswered(again);
            again.close();
        }
        assertTrue(runs > 0 || calls == 0, "no run of " + kind);
    }

    /** Power fails some time later, and then the member is back with its old content. */
    private static void crashAnywhere(Run run, long seed) throws IOException {
        Random random = new Random(seed);
        for (int crash = 0; crash < 3; crash++) {
            int cut = run.filledAt() + random.nextInt(run.trace().length() + 1 - run.filledAt());
            Survival survival = new Survival.Seeded(random.nextLong());
            try {
                RaidArray recovered = Rebuilds.openWithoutStale(
                        run.trace().materialise(cut, survival),
                        usable -> PolicyShape.open(
                                usable,
                                new ManualTimer(),
                                AssembleOptions.defaults().withRun(true)));
                if (Rebuilds.attribute(recovered, "degraded").equals("0")) {
                    run.model().check(recovered, cut);
                } else {
                    run.model().checkSettled(recovered, cut);
                }
                recovered.close();
            } catch (ArrayRefusedException e) {
                // Dirty and degraded, or superblocks that a pause of more than 10 s sets apart: the content is in
                // doubt.
                assertEquals(Reason.UNSAFE, e.reason(), e.getMessage());
            } catch (IOException | AssertionError e) {
                throw new AssertionError("crash after " + cut + " events, " + survival + ": " + e.getMessage(), e);
            }
        }
    }
}

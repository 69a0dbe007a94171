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
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * As {@link FailureSweepTest}, on arrays with a write-intent bitmap or partial parity logs: a member fails at the nth
 * of its I/Os, for every n; power fails some time later, and then the member is back with its old content.
 */
@Execution(ExecutionMode.CONCURRENT)
class PolicySweepTest {
    private static final int CRASHES_EACH = 3;

    static Stream<PolicyShape> shapes() {
        return Stream.of(Features.BITMAP, Features.PPL)
                .flatMap(feature -> Stream.of(
                        new PolicyShape(ParityLayout.LEFT_SYMMETRIC_5, 3, 16, 4, feature, Superblock.IN_SYNC),
                        new PolicyShape(ParityLayout.RIGHT_ASYMMETRIC_5, 4, 8, 5, feature, Superblock.IN_SYNC)));
    }

    /** An array with one member that fails as planned. */
    private static final class Swept {
        final PolicyShape shape;
        final CrashTrace trace = CrashTrace.recording();
        final List<CrashDisk> disks;
        final FaultPlan plan = new FaultPlan(1);
        final ManualTimer timer = new ManualTimer();
        final VolumeModel model;
        final int failing;
        final int firstCrash;

        Swept(PolicyShape shape, int failing) throws IOException {
            this.shape = shape;
            this.failing = failing;
            this.disks = shape.create(trace);
            trace.restart();
            this.firstCrash = trace.length();
            this.model = new VolumeModel(trace, shape.geometry().arrayBytes(), 512, false, 42);
        }

        RaidArray open() throws IOException {
            return PolicyShape.open(FaultyDevice.among(disks, failing, plan), timer);
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void anyMemberMayFailAtAnyOfItsCalls(PolicyShape shape) throws IOException {
        int runs = 0;
        for (int member = 0; member < shape.disks(); member++) {
            Swept sound = new Swept(shape, member);
            RaidArray array = sound.open();
            Map<FaultKind, Integer> callsToOpen = FaultKind.allCalls(sound.plan);
            PolicyCrashTest.runWorkload(shape, array, sound.model, sound.timer);
            sound.model.flush(array);
            array.close();
            for (FaultKind kind : FaultKind.values()) {
                for (int nth = 1; nth <= kind.calls(sound.plan); nth++) {
                    try {
                        failAt(new Swept(shape, member), kind, nth, nth <= callsToOpen.getOrDefault(kind, 0));
                    } catch (IOException | RuntimeException | AssertionError e) {
                        throw new AssertionError(
                                "member " + member + " " + kind + " at its call " + nth + ": " + e.getMessage(), e);
                    }
                    runs++;
                }
            }
        }
        assertTrue(runs > 100, "only " + runs + " runs");
    }

    private static void failAt(Swept swept, FaultKind kind, int nth, boolean duringOpening) throws IOException {
        kind.plan(swept.plan, nth);
        RaidArray array;
        try {
            array = swept.open();
        } catch (IOException e) {
            assertTrue(duringOpening, e.getMessage());
            checkAgain(swept, swept.disks, "0");
            return;
        }
        PolicyCrashTest.runWorkload(swept.shape, array, swept.model, swept.timer);
        swept.model.flush(array);
        swept.model.checkAnswered(array);
        array.close();
        String degraded = Rebuilds.attribute(array, "degraded");
        if (kind.costsTheMember() && swept.plan.failures() > 0) {
            assertEquals("1", degraded, "the member is still in the array");
        }
        crashAnywhere(swept, 31L * kind.name().hashCode() + nth);
        List<CrashDisk> left = new ArrayList<>(swept.disks);
        checkAgain(swept, left, degraded);
        if (degraded.equals("1")) {
            left.remove(swept.failing);
            checkAgain(swept, left, degraded);
        }
    }

    private static void checkAgain(Swept swept, List<CrashDisk> left, String degraded) throws IOException {
        RaidArray again = openWhatIsLeft(Rebuilds.reopened(left));
        swept.model.checkAnswered(again);
        assertEquals(degraded, Rebuilds.attribute(again, "degraded"));
        again.close();
    }

    private static void crashAnywhere(Swept swept, long seed) throws IOException {
        Random random = new Random(seed);
        for (int crash = 0; crash < CRASHES_EACH; crash++) {
            int cut = swept.firstCrash + random.nextInt(swept.trace.length() + 1 - swept.firstCrash);
            Survival survival = new Survival.Seeded(random.nextLong());
            try {
                RaidArray recovered;
                try {
                    recovered = openWhatIsLeft(swept.trace.materialise(cut, survival));
                } catch (ArrayRefusedException e) {
                    // The array is dirty and degraded, and no log names the writes in progress: it is refused, because
                    // the content is in doubt.
                    assertEquals(Reason.UNSAFE, e.reason(), e.getMessage());
                    continue;
                }
                if (Rebuilds.attribute(recovered, "degraded").equals("0")) {
                    swept.model.check(recovered, cut);
                } else {
                    swept.model.checkSettled(recovered, cut);
                }
                recovered.close();
            } catch (IOException | AssertionError e) {
                throw new AssertionError("crash after " + cut + " events, " + survival + ": " + e.getMessage(), e);
            }
        }
    }

    private static RaidArray openWhatIsLeft(List<CrashDisk> found) throws IOException {
        return Rebuilds.openWithoutStale(
                found,
                usable -> PolicyShape.open(
                        usable, new ManualTimer(), AssembleOptions.defaults().withRun(true)));
    }
}

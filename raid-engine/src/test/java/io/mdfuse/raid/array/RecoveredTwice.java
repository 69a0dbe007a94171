package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashState;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Survival;
import java.io.IOException;
import java.util.List;
import java.util.Random;

/** Recovers the disks that a crash left and checks the array; then again after a crash during that recovery. */
final class RecoveredTwice {
    /** Opens the array on the disks that a crash left, checks it, and closes it. */
    interface Recovery {
        /**
         * Returns false if the array is refused, and the refusal is allowed. If the first recovery was not refused, the
         * one after an interruption must not be refused.
         */
        boolean recover(List<CrashDisk> disks, int crashedAt) throws IOException;
    }

    private RecoveredTwice() {}

    /** Returns false if the array was refused. */
    static boolean check(CrashState state, Recovery recovery) throws IOException {
        CrashTrace trace = CrashTrace.recording();
        List<CrashDisk> disks = state.disks(trace);
        if (!recovery.recover(disks, state.prefixLength())) {
            return false;
        }
        Random random = new Random(state.prefixLength() * 31L + state.survival().hashCode());
        int cut = random.nextInt(trace.length() + 1);
        Survival survival = new Survival.Seeded(random.nextLong());
        try {
            assertTrue(recovery.recover(trace.materialise(cut, survival), state.prefixLength()), "refused");
        } catch (IOException | AssertionError e) {
            throw new AssertionError(
                    "recovery cut short after " + cut + " events, " + survival + ": " + e.getMessage(), e);
        }
        return true;
    }
}

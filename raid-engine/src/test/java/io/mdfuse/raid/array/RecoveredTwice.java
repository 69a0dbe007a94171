package io.mdfuse.raid.array;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.device.CrashState;
import io.mdfuse.device.CrashTrace;
import io.mdfuse.device.Survival;
import java.io.IOException;
import java.util.List;
import java.util.Random;

/** What a crash left is recovered and looked at; then once more, from where that recovery was itself cut short. */
final class RecoveredTwice {
    /** Opens what is left, looks at it, and closes it. */
    interface Recovery {
        /**
         * False where the array may be refused, and is; what was not refused once is not when its recovery is cut
         * short.
         */
        boolean recover(List<CrashDisk> disks, int crashedAt) throws IOException;
    }

    private RecoveredTwice() {}

    /** False where it was refused. */
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

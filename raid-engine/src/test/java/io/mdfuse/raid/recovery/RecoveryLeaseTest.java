package io.mdfuse.raid.recovery;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mdfuse.device.CrashDisk;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.LogChecksum;
import io.mdfuse.raid.event.RecoveryProgress;
import io.mdfuse.raid.stripe.LeaseProof;
import io.mdfuse.raid.stripe.LeasedArray;
import io.mdfuse.raid.stripe.StripeLocks;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A recovery needs a lease on every stripe of the array. */
class RecoveryLeaseTest {
    private final StripeLocks locks = new StripeLocks();

    @Test
    void theJournalIsReplayedUnderALeaseOnAllStripes() throws IOException {
        try (LeasedArray array = new LeasedArray();
                StripeLocks.Lease some = locks.lock(LeaseProof.STRIPES)) {
            LogArea log = new LogArea(new CrashDisk("journal", 64 * 4096L), 0, 64 * 8L);
            JournalRecovery recovery = new JournalRecovery(
                    array.geometry(), array.members(), log, new LogChecksum(new byte[16]), some, RecoveryProgress.NONE);
            assertThrows(IllegalStateException.class, () -> recovery.recover(0, false, true, new Random(1)));
        }
    }

    @Test
    void partialParityIsRecoveredUnderALeaseOnAllStripes() throws IOException {
        try (LeasedArray array = new LeasedArray()) {
            PplRecovery recovery = new PplRecovery(array.geometry(), array.members(), Map.of());
            try (StripeLocks.Lease some = locks.lock(LeaseProof.STRIPES)) {
                assertThrows(IllegalStateException.class, () -> recovery.recover(some));
            }
            StripeLocks.Lease closed = locks.lockAll();
            closed.close();
            assertThrows(IllegalStateException.class, () -> recovery.recover(closed));
            try (StripeLocks.Lease all = locks.lockAll()) {
                recovery.recover(all);
            }
        }
    }
}

package io.mdfuse.raid.sync;

import io.mdfuse.raid.stripe.LeaseProof;
import io.mdfuse.raid.stripe.LeasedArray;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.writepath.DirtyMarker;
import io.mdfuse.raid.writepath.TaskThreads;
import io.mdfuse.raid.writepath.Unjournaled;
import io.mdfuse.raid.writepath.WriteIntent;
import io.mdfuse.raid.writepath.WritePath;
import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.Test;

/** A resync, a rebuild and a scrub work on no stripe without a lease that covers it. */
class SyncLeaseTest {
    private static WritePath writePath(LeasedArray array) {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(0);
        timer.shutdown();
        DirtyMarker dirtyMarker = new DirtyMarker(
                array.members(),
                _ -> {},
                array.parts().syncPosition(),
                false,
                InstantSource.system(),
                new TaskThreads(timer, Runnable::run));
        return new Unjournaled(array.geometry(), array.members(), dirtyMarker, WriteIntent.NONE);
    }

    @Test
    void parityIsRepairedUnderALease() {
        try (LeasedArray array = new LeasedArray();
                ParityRepair repair = new ParityRepair(array.geometry(), array.members(), 0, Runnable::run)) {
            LeaseProof.assertNeeded(lease -> repair.repair(lease, LeaseProof.STRIPES));
        }
    }

    @Test
    void aStripeIsReadUnderALease() {
        try (LeasedArray array = new LeasedArray();
                StripeImage image = new StripeImage(
                        array.geometry(), array.members(), array.parts().reader(), Runnable::run)) {
            LeaseProof.assertNeeded(lease -> image.read(lease, LeaseProof.STRIPES));
        }
    }

    @Test
    void aStripeIsMendedUnderALease() throws IOException {
        try (LeasedArray array = new LeasedArray();
                StripeCheck check = new StripeCheck(array.geometry());
                StripeImage image = new StripeImage(
                        array.geometry(), array.members(), array.parts().reader(), Runnable::run)) {
            try (StripeLocks.Lease all = new StripeLocks().lockAll()) {
                image.read(all, LeaseProof.STRIPES);
            }
            Mismatch mismatch = new Mismatch(
                    LeaseProof.STRIPES.fromSector(),
                    LeaseProof.STRIPES.endSector(),
                    StripeVerdict.disagrees(array.geometry().parityP(0)),
                    false);
            StripeMender mender = new StripeMender(array.geometry(), writePath(array), ScrubAction.REPAIR);
            LeaseProof.assertNeeded(lease -> mender.mend(lease, image, mismatch, check));
        }
    }
}

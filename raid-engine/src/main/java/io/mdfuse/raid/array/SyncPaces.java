package io.mdfuse.raid.array;

import io.mdfuse.raid.recovery.SyncPace;
import java.util.function.LongSupplier;

/** How fast the passes of an array may go, a pace for each: one user-set minimum and maximum for both. */
final class SyncPaces {
    private final SyncPace scrub;
    private final SyncPace rebuild;

    SyncPaces(LongSupplier requestsServed) {
        this.scrub = new SyncPace(requestsServed);
        this.rebuild = new SyncPace(requestsServed);
    }

    SyncPace scrub() {
        return scrub;
    }

    SyncPace rebuild() {
        return rebuild;
    }

    void setMin(int kibPerSecond) {
        scrub.setMinKibPerSecond(kibPerSecond);
        rebuild.setMinKibPerSecond(kibPerSecond);
    }

    void setMax(int kibPerSecond) {
        scrub.setMaxKibPerSecond(kibPerSecond);
        rebuild.setMaxKibPerSecond(kibPerSecond);
    }
}

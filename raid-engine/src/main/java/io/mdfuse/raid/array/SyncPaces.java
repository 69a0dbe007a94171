package io.mdfuse.raid.array;

import io.mdfuse.raid.sync.SyncPace;
import java.util.function.LongSupplier;

/** How fast the passes of an array may go, a pace for each: one user-set minimum and maximum for all. */
final class SyncPaces {
    private final SyncPace resync;
    private final SyncPace scrub;
    private final SyncPace rebuild;

    SyncPaces(LongSupplier requestsServed) {
        this.resync = new SyncPace(requestsServed);
        this.scrub = new SyncPace(requestsServed);
        this.rebuild = new SyncPace(requestsServed);
    }

    /** The slowest and the fastest speed, which are the same for all passes. */
    SyncPace any() {
        return rebuild;
    }

    SyncPace resync() {
        return resync;
    }

    SyncPace scrub() {
        return scrub;
    }

    SyncPace rebuild() {
        return rebuild;
    }

    void setMin(int kibPerSecond) {
        resync.setMinKibPerSecond(kibPerSecond);
        scrub.setMinKibPerSecond(kibPerSecond);
        rebuild.setMinKibPerSecond(kibPerSecond);
    }

    void setMax(int kibPerSecond) {
        resync.setMaxKibPerSecond(kibPerSecond);
        scrub.setMaxKibPerSecond(kibPerSecond);
        rebuild.setMaxKibPerSecond(kibPerSecond);
    }
}

package io.mdfuse.raid.array;

import io.mdfuse.raid.sync.SyncPace;
import java.util.function.LongSupplier;

/**
 * The paces of the passes of an array. Each pass measures its own speed; the minimum and the maximum that the user sets
 * are the same for all.
 */
final class SyncPaces {
    private final SyncPace resync;
    private final SyncPace scrub;
    private final SyncPace rebuild;

    SyncPaces(LongSupplier requestsServed) {
        this.resync = new SyncPace(requestsServed);
        this.scrub = new SyncPace(requestsServed);
        this.rebuild = new SyncPace(requestsServed);
    }

    /** A pace to read the minimum and the maximum from, which are the same for all passes. */
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

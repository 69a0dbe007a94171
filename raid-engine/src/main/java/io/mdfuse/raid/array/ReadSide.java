package io.mdfuse.raid.array;

import io.mdfuse.raid.stripe.VolumeReader;
import java.util.concurrent.atomic.LongAdder;

/** What serves the reads of an open array. */
interface ReadSide {
    /** Reads the volume. */
    VolumeReader volumeReader();

    /** Counts requests, so that background passes can slow down for them. */
    LongAdder requestsServed();

    /** Frees the memory. When this is called, no read may be in progress, and no read may follow. */
    void close();
}

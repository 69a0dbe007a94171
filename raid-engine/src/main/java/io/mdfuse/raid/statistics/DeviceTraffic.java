package io.mdfuse.raid.statistics;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what a member reads and writes in its data area: for requests, for passes, and to solve or heal blocks. Its
 * superblock, bitmap and other metadata do not count. Thread-safe; no method waits.
 */
public final class DeviceTraffic {
    private final LongAdder reads = new LongAdder();
    private final LongAdder readBytes = new LongAdder();
    private final LongAdder writes = new LongAdder();
    private final LongAdder writtenBytes = new LongAdder();
    private final LongAdder passBytes = new LongAdder();

    /** Counts a read that succeeded. */
    public void read(long bytes) {
        reads.increment();
        readBytes.add(bytes);
    }

    /** Counts a write that succeeded. */
    public void written(long bytes) {
        writes.increment();
        writtenBytes.add(bytes);
    }

    /** Counts, in addition to {@link #written}, a write that a resync or rebuild made. */
    public void writtenByPass(long bytes) {
        passBytes.add(bytes);
    }

    /** A snapshot for the member with this slot and name. */
    public MemberFigures figures(int slot, String device) {
        return new MemberFigures(slot, device, reads.sum(), readBytes.sum(), writes.sum(), writtenBytes.sum());
    }

    /** How many bytes were written, with those of passes. */
    public long allWrittenBytes() {
        return writtenBytes.sum();
    }

    /** How many bytes of these a resync or rebuild has written. */
    public long passWrittenBytes() {
        return passBytes.sum();
    }
}

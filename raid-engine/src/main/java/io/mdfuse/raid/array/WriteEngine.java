package io.mdfuse.raid.array;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.Journal;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.recovery.Resync;
import io.mdfuse.raid.stripe.RequestWriter;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeReader;
import io.mdfuse.raid.writepath.Trimmer;
import io.mdfuse.raid.writepath.Unjournaled;
import io.mdfuse.raid.writepath.WritePath;
import io.mdfuse.raid.writepath.WriteThrough;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Everything about an open array that changes its members: the write path, trim, resync, and the clean stop. */
final class WriteEngine {
    /** The longest piece that a write is cut into; more only costs memory. */
    private static final int MAX_REQUEST_BYTES = 256 * 1024;

    /** How long a stop waits for a resync that is nearly through, rather than leave the rest to the next mount. */
    private static final long RESYNC_GRACE_MILLIS = 5_000;

    private final ArrayParts parts;
    private final WritableParts writable;
    private final WritePath writePath;
    private final RequestWriter requestWriter;
    private final Trimmer trimmer;
    private final @Nullable Resync resync;

    WriteEngine(ArrayParts parts, WritableParts writable, StripeLocks locks, StripeReader stripeReader) {
        this.parts = parts;
        this.writable = writable;
        ArrayGeometry geometry = parts.geometry();
        this.writePath = makeWritePath();
        this.requestWriter = new RequestWriter(
                geometry,
                parts.members(),
                locks,
                parts.syncPosition(),
                stripeReader,
                maxRequestBytes(),
                parts.runtime().requests(),
                writePath);
        this.trimmer = new Trimmer(geometry, parts.members(), locks, requestWriter, writePath);
        this.resync = parts.syncPosition().inSync()
                ? null
                : new Resync(
                        geometry,
                        parts.members(),
                        locks,
                        parts.syncPosition(),
                        writable.dirtyMarker()::syncPositionMoved);
        if (resync != null) {
            parts.runtime().workers().execute(resync);
        }
    }

    private WritePath makeWritePath() {
        Journal journal = writable.journal();
        return journal == null
                ? new Unjournaled(parts.geometry(), parts.members(), writable.dirtyMarker())
                : new WriteThrough(
                        parts.geometry(),
                        journal,
                        parts.members(),
                        writable.dirtyMarker(),
                        parts.syncPosition(),
                        parts.runtime().workers());
    }

    /** A small journal gets small requests: each block may bring a parity page and a meta block of its own. */
    private int maxRequestBytes() {
        Journal journal = writable.journal();
        if (journal == null) {
            return MAX_REQUEST_BYTES;
        }
        long blocks = journal.largestAppendSectors() / Sectors.PER_BLOCK / 4;
        return (int) Math.max(Sectors.BLOCK_BYTES, Math.min(MAX_REQUEST_BYTES, (blocks - 1) * Sectors.BLOCK_BYTES));
    }

    void write(long offsetBytes, MemorySegment source) throws IOException {
        requestWriter.write(offsetBytes, source);
    }

    void flush() throws IOException {
        writePath.flush();
    }

    void zero(long offsetBytes, long lengthBytes) throws IOException {
        trimmer.zero(offsetBytes, lengthBytes);
    }

    @Nullable
    Resync resync() {
        return resync;
    }

    WritableParts parts() {
        return writable;
    }

    /** Members flushed, log drained, superblocks clean; see {@link RaidArray#close}. */
    void close() throws IOException {
        try {
            endResync();
            if (writePath instanceof WriteThrough writeThrough) {
                writeThrough.drain();
            }
            writable.dirtyMarker().stop();
            writable.policyKeeper().stopped();
        } finally {
            requestWriter.close();
            trimmer.close();
            if (writable.journal() != null) {
                writable.journal().close();
            }
        }
    }

    private void endResync() throws IOException {
        if (resync == null) {
            return;
        }
        try {
            if (resync.millisLeft() < RESYNC_GRACE_MILLIS) {
                resync.awaitEnd(RESYNC_GRACE_MILLIS);
            }
            resync.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the resync ended", e);
        }
    }
}

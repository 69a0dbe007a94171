package io.mdfuse.raid.array;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.Journal;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.stripe.ParityMaker;
import io.mdfuse.raid.stripe.RequestWriter;
import io.mdfuse.raid.stripe.StripeCache;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeParts;
import io.mdfuse.raid.stripe.StripeReader;
import io.mdfuse.raid.sync.PassParts;
import io.mdfuse.raid.sync.Resync;
import io.mdfuse.raid.sync.Scrub;
import io.mdfuse.raid.sync.ScrubParts;
import io.mdfuse.raid.sync.SyncPace;
import io.mdfuse.raid.writepath.JournalMode;
import io.mdfuse.raid.writepath.Journaled;
import io.mdfuse.raid.writepath.Trimmer;
import io.mdfuse.raid.writepath.Unjournaled;
import io.mdfuse.raid.writepath.WritePath;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Everything about an open array that changes its members: the write path, trim, resync, and the clean stop. */
final class WriteEngine {
    /** The longest piece that a write is cut into; more only costs memory. */
    private static final int MAX_REQUEST_BYTES = 256 * 1024;

    /** How long a stop waits for a resync that is nearly through, rather than leave the rest to the next mount. */
    private static final long RESYNC_GRACE_MILLIS = 5_000;

    private final ArrayParts parts;
    private final WritableParts writable;
    private final @Nullable Journaled journaled;
    private final WritePath writePath;
    private final RequestWriter requestWriter;
    private final Trimmer trimmer;
    private final @Nullable Resync resync;
    private final SyncPaces paces;
    private final Scrub scrub;
    private final MemberManager memberManager;
    private final MemberCommand memberCommand;

    WriteEngine(
            ArrayParts parts,
            WritableParts writable,
            StripeLocks locks,
            StripeReader stripeReader,
            StripeCache stripeCache,
            LongSupplier requestsServed) {
        this.parts = parts;
        this.writable = writable;
        ArrayGeometry geometry = parts.geometry();
        ParityMaker parityMaker = new ParityMaker(geometry, parts.members(), parts.syncPosition(), stripeReader);
        StripeParts stripes = new StripeParts(
                geometry, parts.members(), locks, parts.syncPosition(), stripeReader, stripeCache, parityMaker);
        this.journaled = makeJournaled(stripes);
        this.writePath = journaled != null
                ? journaled
                : new Unjournaled(geometry, parts.members(), writable.dirtyMarker(), writable.writeIntent());
        this.requestWriter =
                new RequestWriter(stripes, maxRequestBytes(), parts.runtime().requests(), writePath);
        this.trimmer = new Trimmer(stripes, requestWriter, writePath);
        this.paces = new SyncPaces(requestsServed);
        this.resync = parts.syncPosition().inSync()
                ? null
                : new Resync(
                        passParts(locks, paces.resync()),
                        parts.syncPosition(),
                        writable.dirtyMarker()::syncPositionMoved);
        this.scrub = new Scrub(new ScrubParts(
                passParts(locks, paces.scrub()),
                stripeReader,
                parts.syncPosition(),
                writePath,
                maxRequestBytes() / Sectors.BLOCK_BYTES,
                parts.runtime().workers()));
        if (resync != null) {
            parts.runtime().workers().execute(resync);
        }
        this.memberManager = new MemberManager(parts, writable, locks, stripeReader, paces.rebuild(), writePath::flush);
        this.memberCommand = new MemberCommand(memberManager, writable.direct());
        memberManager.useSpares();
    }

    private PassParts passParts(StripeLocks locks, SyncPace pace) {
        return new PassParts(parts.geometry(), parts.members(), locks, pace, parts.events());
    }

    private @Nullable Journaled makeJournaled(StripeParts stripes) {
        Journal journal = writable.journal();
        if (journal == null) {
            return null;
        }
        Journaled made = new Journaled(
                stripes,
                journal,
                writable.stripeCacheSize(),
                writable.dirtyMarker(),
                () -> recordJournalLoss(journal),
                parts.runtime().workers());
        made.start(parts.runtime().timer());
        writable.failures().whenMemberFails(made::memberFailed);
        writable.failures().whenJournalFails(made::journalFailed);
        return made;
    }

    private void recordJournalLoss(Journal journal) throws IOException {
        writable.store().markJournalFaulty();
        parts.events()
                .emit(ArrayEvent.of(
                        "Fail",
                        Severity.CRITICAL,
                        journal.deviceName(),
                        journal.whyFailed() + "; everything it held is on the members, and nothing more is written"));
    }

    /** A small journal or cache gets small requests, so that each can be let in when all else is out. */
    private int maxRequestBytes() {
        return journaled == null
                ? Math.min(MAX_REQUEST_BYTES, writable.writeIntent().largestRequestBytes())
                : Math.min(MAX_REQUEST_BYTES, journaled.largestRequestBlocks() * Sectors.BLOCK_BYTES);
    }

    void setJournalMode(JournalMode mode) throws IOException {
        if (journaled == null) {
            throw new NotOfferedException("the array has no journal, so it has no journal_mode");
        }
        journaled.setMode(mode);
    }

    /** The journal as a cache; null where the array has none. */
    @Nullable
    Journaled journaled() {
        return journaled;
    }

    /** The journal's mode; null where the array has none. */
    @Nullable
    JournalMode journalMode() {
        return journaled == null ? null : journaled.mode();
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

    /** What may pass over all stripes. */
    BackgroundPasses passes() {
        return new BackgroundPasses(resync, scrub, memberManager, paces);
    }

    MemberManager memberManager() {
        return memberManager;
    }

    MemberCommand memberCommand() {
        return memberCommand;
    }

    WritableParts parts() {
        return writable;
    }

    /** Members flushed, log drained, superblocks clean; see {@link RaidArray#close}. */
    void close() throws IOException {
        try {
            memberManager.stop();
            endScrub();
            endResync();
            if (journaled != null) {
                journaled.drain();
            }
            if (resync != null) {
                resync.completeIfNothingIsInDoubt();
            }
            writable.writeIntent().stop();
            writable.dirtyMarker().stop();
        } finally {
            requestWriter.close();
            writable.writeIntent().close();
            if (journaled != null) {
                journaled.close();
            }
            if (writable.journal() != null) {
                writable.journal().close();
            }
        }
    }

    private void endScrub() throws IOException {
        try {
            scrub.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the scrub ended", e);
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

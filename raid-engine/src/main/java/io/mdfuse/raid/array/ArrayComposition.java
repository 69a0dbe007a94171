package io.mdfuse.raid.array;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.Journal;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.reshape.ReshapePlan;
import io.mdfuse.raid.reshape.ReshapedReader;
import io.mdfuse.raid.stripe.BigStripeTree;
import io.mdfuse.raid.stripe.ChunkAlignedRead;
import io.mdfuse.raid.stripe.ParityMaker;
import io.mdfuse.raid.stripe.RequestWriter;
import io.mdfuse.raid.stripe.StripeCache;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeParts;
import io.mdfuse.raid.stripe.StripeReader;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.sync.PassParts;
import io.mdfuse.raid.sync.Scrub;
import io.mdfuse.raid.sync.ScrubParts;
import io.mdfuse.raid.sync.SyncPace;
import io.mdfuse.raid.writepath.Journaled;
import io.mdfuse.raid.writepath.LocklessBitmap;
import io.mdfuse.raid.writepath.LogNeeds;
import io.mdfuse.raid.writepath.Trimmer;
import io.mdfuse.raid.writepath.Unjournaled;
import io.mdfuse.raid.writepath.WritePath;
import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The composition root: makes the parts that serve requests, from the parts that {@link ArrayOpening} made, and
 * registers the listeners between them. This class touches no device and starts no task; {@link RaidArray#start} does.
 *
 * <pre>
 *   ReadPath         StripeLocks, StripeReader, StripeCache, ChunkAlignedRead
 *   WritePathParts   Journaled or Unjournaled; RequestWriter, Trimmer
 *   BackgroundPasses Resync, Scrub, rebuilds
 *   MemberManager, MemberCommand
 *
 *   a member fails       FailureRelay ──▶ Journaled.memberFailed, then RebuildScheduler.startNextSoon
 *   the journal's superblock can't be written
 *                        FailureRelay ──▶ Journaled.journalFailed
 * </pre>
 */
final class ArrayComposition {
    /** A longer write is cut into pieces of this size, each with a flush of its own. It is FUSE's longest request. */
    private static final int MAX_REQUEST_BYTES = 1 << 20;

    /** The smallest size of the stripe cache if the user gave none, in stripes. */
    private static final int LEAST_CACHED_STRIPES = 256;

    private final ArrayParts parts;
    private final ReadPath readPath;

    private ArrayComposition(ArrayParts parts, boolean writable) {
        this(parts, readPath(parts, parts.stripes(), writable));
    }

    private ArrayComposition(ArrayParts parts, ReadPath readPath) {
        this.parts = parts;
        this.readPath = readPath;
    }

    /** Makes a read-only array. It needs no {@link WriteParts}, because {@link ReadOnlyEngine} refuses every write. */
    static RaidArray readOnly(ArrayParts parts, Assembly assembly) {
        return new ArrayComposition(parts, false).readOnly(assembly);
    }

    /**
     * Makes a read-only array of which a reshape is in progress.
     *
     * @param before the stripes of the old shape; the parts have those of the new one
     */
    static RaidArray reshaped(ArrayParts parts, ReshapePlan plan, ArrayStripes before, Assembly assembly) {
        ReadPath newShape = readPath(parts, parts.stripes(), false);
        ReadPath oldShape = readPath(parts, before, false);
        oldShape.stripeCache().close();
        ReadPath both = new ReadPath(
                newShape.locks(),
                newShape.stripeReader(),
                newShape.stripeCache(),
                new ReshapedReader(plan, oldShape.volumeReader(), newShape.volumeReader()),
                oldShape.stripeReader(),
                newShape.requestsServed());
        return new ArrayComposition(parts, both).readOnly(assembly);
    }

    private RaidArray readOnly(Assembly assembly) {
        SyncPaces paces = new SyncPaces(readPath.requestsServed()::sum);
        BackgroundPasses passes = BackgroundPasses.readOnly(comparingScrub(paces), paces);
        ReadOnlyDevices devices = new ReadOnlyDevices(
                assembly,
                slot -> slot < parts.geometry().raidDisks() && parts.members().member(slot) != null);
        return array(new ReadOnlyEngine(parts.reference(), passes, devices));
    }

    /**
     * Makes an array that can be written.
     *
     * @param failures receives the listeners for failures of members and of the journal
     */
    static RaidArray writable(ArrayParts parts, WriteParts writeParts, FailureRelay failures) {
        ArrayComposition made = new ArrayComposition(parts, true);
        return made.array(made.writeEngine(writeParts, failures));
    }

    private RaidArray array(ArrayEngine engine) {
        return new RaidArray(parts.open(), readPath, engine, new ParityStatus(parts, engine));
    }

    private static ReadPath readPath(ArrayParts parts, ArrayStripes stripes, boolean writable) {
        StripeLocks locks = stripes.locks();
        StripeReader stripeReader = new StripeReader(
                stripes.geometry(),
                stripes.members(),
                stripes.syncPosition(),
                parts.runtime().requests(),
                writable);
        BigStripeTree bigStripeTree = new BigStripeTree();
        StripeCache stripeCache = new StripeCache(stripes.geometry(), bigStripeTree);
        ChunkAlignedRead chunkAlignedRead = new ChunkAlignedRead(
                stripes.geometry(), stripes.members(), bigStripeTree, stripeCache, locks, stripeReader);
        return new ReadPath(locks, stripeReader, stripeCache, chunkAlignedRead, null, new LongAdder());
    }

    private WriteEngine writeEngine(WriteParts writeParts, FailureRelay failures) {
        StripeParts stripes = new StripeParts(
                parts.geometry(),
                parts.members(),
                readPath.locks(),
                parts.syncPosition(),
                readPath.stripeReader(),
                readPath.stripeCache(),
                new ParityMaker(parts.geometry(), parts.members(), parts.syncPosition(), readPath.stripeReader()));
        Journaled journaled = journaled(writeParts, stripes);
        WritePathParts writePathParts = writePathParts(writeParts, stripes, journaled);
        WritePath writePath = writePathParts.writePath();
        SyncPaces paces = new SyncPaces(readPath.requestsServed()::sum);
        int batchStripes = maxRequestBytes(writeParts, journaled) / Sectors.BLOCK_BYTES;
        MemberManager memberManager =
                new MemberManager(parts, writeParts, readPath.stripeReader(), paces.rebuild(), writePath::flush);
        ResyncScheduler resyncs = new ResyncScheduler(passParts(paces.resync()), parts, () -> resyncDone(writeParts));
        memberManager.rebuilds().whenWhole(resyncs::startAgain);
        BackgroundPasses passes = new BackgroundPasses(
                resyncs,
                lazySyncs(writeParts, paces),
                repairingScrub(paces, writePath, batchStripes),
                memberManager.rebuilds(),
                paces);
        if (journaled != null) {
            failures.whenMemberFails(journaled::memberFailed);
            failures.whenJournalFails(journaled::journalFailed);
        }
        failures.whenMemberFails(memberManager.rebuilds()::startNextSoon);
        return new WriteEngine(
                parts,
                writeParts,
                writePathParts,
                passes,
                memberManager,
                new MemberCommand(memberManager, writeParts.direct()));
    }

    /** The write path of an array with a journal; null if the array has none. */
    private @Nullable Journaled journaled(WriteParts writeParts, StripeParts stripes) {
        Journal journal = writeParts.journal();
        if (journal == null) {
            return null;
        }
        return new Journaled(
                stripes,
                journal,
                stripeCacheSize(writeParts),
                writeParts.dirtyMarker(),
                () -> recordJournalLoss(writeParts, journal),
                parts.runtime().workers());
    }

    private void recordJournalLoss(WriteParts writeParts, Journal journal) throws IOException {
        writeParts.store().markJournalFaulty();
        parts.events()
                .emit(ArrayEvent.of(
                        "Fail",
                        Severity.CRITICAL,
                        journal.deviceName(),
                        journal.failureMessage()
                                + "; everything it held is on the members, and nothing more is written"));
    }

    /** The number of stripes that the user gave, or as many as fit into a quarter of the Java heap. */
    private int stripeCacheSize(WriteParts writeParts) {
        long stripeBytes = (long) parts.geometry().dataDisks() * Sectors.BLOCK_BYTES;
        long fitting = Runtime.getRuntime().maxMemory() / 4 / stripeBytes;
        return writeParts.stripeCacheSize() > 0
                ? writeParts.stripeCacheSize()
                : Math.clamp(fitting, LEAST_CACHED_STRIPES, LogNeeds.MOST_CACHED_STRIPES);
    }

    private WritePathParts writePathParts(WriteParts writeParts, StripeParts stripes, @Nullable Journaled journaled) {
        WritePath writePath = journaled != null
                ? journaled
                : new Unjournaled(
                        parts.geometry(), parts.members(), writeParts.dirtyMarker(), writeParts.writeIntent());
        int mostBytes = (int) Math.min(
                maxRequestBytes(writeParts, journaled), parts.geometry().arrayBytes());
        RequestWriter requestWriter =
                new RequestWriter(stripes, mostBytes, parts.runtime().requests(), writePath);
        Trimmer trimmer = new Trimmer(stripes, requestWriter, writePath);
        return new WritePathParts(writePath, journaled, requestWriter, trimmer);
    }

    /** A small journal or cache needs small requests: each must fit into it when no other request is admitted. */
    private static int maxRequestBytes(WriteParts writeParts, @Nullable Journaled journaled) {
        return journaled == null
                ? Math.min(MAX_REQUEST_BYTES, writeParts.writeIntent().largestRequestBytes())
                : Math.min(MAX_REQUEST_BYTES, journaled.largestRequestBlocks() * Sectors.BLOCK_BYTES);
    }

    /** The bitmap changes its states in memory only: its chunks are clean after the superblocks are. */
    private static void resyncDone(WriteParts writeParts) throws IOException {
        if (writeParts.writeIntent() instanceof LocklessBitmap bitmap) {
            bitmap.syncs().resyncDone();
        }
        writeParts.dirtyMarker().syncPositionMoved();
    }

    private @Nullable LazySyncScheduler lazySyncs(WriteParts writeParts, SyncPaces paces) {
        if (!(writeParts.writeIntent() instanceof LocklessBitmap bitmap)) {
            return null;
        }
        LazySyncScheduler scheduler = new LazySyncScheduler(passParts(paces.resync()), parts, bitmap.syncs());
        bitmap.whenSyncIsNeeded(scheduler::startSoon);
        return scheduler;
    }

    /** The scrub of a read-only array: it refuses to repair, so the number of stripes for a repair is not used. */
    private Scrub comparingScrub(SyncPaces paces) {
        return scrub(paces, null, 1);
    }

    /**
     * The scrub of an array that can be written.
     *
     * @param writePath writes the repairs
     * @param batchStripes how many stripes the write path admits at once
     */
    private Scrub repairingScrub(SyncPaces paces, WritePath writePath, int batchStripes) {
        return scrub(paces, writePath, batchStripes);
    }

    /** @param repairPath null for a scrub that only compares */
    private Scrub scrub(SyncPaces paces, @Nullable WritePath repairPath, int batchStripes) {
        return new Scrub(new ScrubParts(
                passParts(paces.scrub()),
                readPath.stripeReader(),
                parts.syncPosition(),
                repairPath,
                batchStripes,
                parts.runtime().workers()));
    }

    private PassParts passParts(SyncPace pace) {
        return new PassParts(parts.geometry(), parts.members(), readPath.locks(), pace, parts.events());
    }
}

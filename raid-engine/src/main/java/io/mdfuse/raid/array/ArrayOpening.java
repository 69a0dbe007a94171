package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.create.DeviceSpace;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.recovery.JournalRecovery;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.FoundBitmap;
import io.mdfuse.raid.superblock.RecoveryPosition;
import io.mdfuse.raid.superblock.ResyncOffset;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import io.mdfuse.raid.writepath.DirtyMarker;
import io.mdfuse.raid.writepath.WriteIntent;
import io.mdfuse.raid.writepath.WriteIntentBitmap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens an array whose devices were sorted and accepted: each step that touches a device is a method, and
 * {@link #open} calls them in the order in which a mount touches the media. The table of all steps, with those before
 * and after this class, is docs/architecture/opening.md; {@code OpeningCrashTest} cuts the power in each of them.
 *
 * <p>A superblock update is: every device flushed, superblocks written, every device flushed.
 *
 * <p>All steps run on the thread that opens the array. If one fails, no part has been started, and the caller closes
 * the devices.
 */
final class ArrayOpening {
    private final Assembly assembly;
    private final Superblock reference;
    private final AssembleOptions options;
    private final ArrayRuntime runtime;
    private final List<BlockDevice> devices;
    private final @Nullable BlockDevice journalToAdd;
    private final Consumer<OpeningStep> afterStep;
    private final ArrayEvents events = new ArrayEvents();
    private final FailureRelay failures = new FailureRelay(events);
    private final StripeLocks locks = new StripeLocks();
    private final List<String> messages = new ArrayList<>();
    private final LogStart logStart;

    /**
     * Prepares the opening.
     *
     * @param devices all devices that were opened for the array; the array closes them
     * @param journalToAdd the blank device that becomes the journal; null for none
     * @param messages what the user must know from the steps before
     * @param afterStep is called after each step
     */
    ArrayOpening(
            Assembly assembly,
            AssembleOptions options,
            ArrayRuntime runtime,
            List<BlockDevice> devices,
            @Nullable BlockDevice journalToAdd,
            List<String> messages,
            Consumer<OpeningStep> afterStep) {
        this.assembly = assembly;
        this.reference = assembly.reference();
        this.options = options;
        this.runtime = runtime;
        this.devices = devices;
        this.journalToAdd = journalToAdd;
        this.messages.addAll(messages);
        this.afterStep = afterStep;
        this.logStart = new LogStart(assembly, options, this.messages);
    }

    /**
     * Does all steps. When this returns the array is started: a resync runs, and a spare has its slot.
     *
     * @throws ArrayRefusedException if the array can't be opened
     */
    RaidArray open(ParityLayout layout) throws IOException {
        ArrayGeometry geometry =
                new ArrayGeometry(layout, reference.raidDisks(), reference.chunkSectors(), reference.usedSectors());
        boolean reported = report();
        ListedBadBlocks listed = new ListedBadBlocks(geometry, assembly, options);
        MemberSet members = makeMembers(geometry, listed);
        SuperblockStore store = recordFailures(members, listed);
        JournalAddition addition = new JournalAddition(assembly, store, runtime.random());
        DeviceSpace added = checkNewJournal(addition);
        JournalRecovery.Recovered recovered;
        PplStart ppl;
        try (StripeLocks.Lease lease = locks.lockAll()) {
            recovered = replayLog(geometry, members, lease);
            ppl = recoverPartialParity(geometry, members, lease);
        }
        boolean resyncAll = assembly.lacksJournal() || (recovered != null && recovered.parityInDoubt());
        messages.addAll(listed.messages());
        FoundBitmap foundBitmap = readBitmaps();
        SyncPosition syncPosition =
                ResyncStart.position(assembly, members, foundBitmap, ppl.madeParityRight(), resyncAll, messages);
        if (options.readOnly()) {
            reportRedundancy(geometry, syncPosition, foundBitmap, reported);
            return connectReadOnly(parts(geometry, members, syncPosition));
        }
        WriteIntentBitmap bitmap = startBitmaps(foundBitmap, store, members, syncPosition);
        restartReplacements(store, members, resyncAll);
        boolean dirty = recordState(store, ppl, resyncAll);
        endBadBlockLists(store);
        emptyPartialParityLogs(ppl, members);
        LogStart.Started log = startLog(store, recovered, addition, added);
        reportRedundancy(geometry, syncPosition, foundBitmap, reported);
        DirtyMarker dirtyMarker = new DirtyMarker(
                members, store::storeResyncOffset, syncPosition, dirty, runtime.clock(), runtime.taskThreads());
        WriteIntent writeIntent = bitmap != null ? bitmap : ppl.writeIntent(geometry, members, syncPosition);
        RaidArray array = connect(
                parts(geometry, members, syncPosition),
                new WriteParts(
                        store,
                        dirtyMarker,
                        DeviceList.of(assembly, store, members, log.device()),
                        options.direct(),
                        log.journal(),
                        writeIntent,
                        options.stripeCacheSize()));
        start(array);
        return array;
    }

    private void done(OpeningStep step) {
        afterStep.accept(step);
    }

    /**
     * The lines for the user that the superblocks alone give; true if they name missing or unused members, or doubt.
     */
    private boolean report() throws ArrayRefusedException {
        List<String> report = StartReport.of(assembly, options);
        messages.addAll(report);
        return !report.isEmpty();
    }

    /**
     * Makes the members. A device that is too short is refused.
     *
     * <p>Reads: bad-block logs. Writes: nothing.
     */
    private MemberSet makeMembers(ArrayGeometry geometry, ListedBadBlocks listed) throws ArrayRefusedException {
        messages.addAll(ShortDevices.check(assembly, options.readOnly()));
        messages.addAll(SynologyMarks.messages(assembly));
        devices.forEach(device -> HostSpaceEvents.watch(device, events));
        MemberSet members =
                new MemberSetup(assembly, listed, options.readOnly()).members(geometry, failures, runtime.workers());
        done(OpeningStep.MAKE_MEMBERS);
        return members;
    }

    /**
     * From here on a member or a superblock that fails is recorded, before the first write, so that a member that fails
     * in the recovery is on record too. In a read-only array the failure is known to this process alone.
     *
     * <p>Reads and writes nothing; after a failure one superblock update. A crash after that leaves the member faulty.
     */
    private SuperblockStore recordFailures(MemberSet members, ListedBadBlocks listed) {
        SuperblockStore store = new SuperblockStore(assembly, runtime.clock(), failures);
        listed.logs().forEach(store::keepBadBlocks);
        if (!options.readOnly()) {
            failures.connect(store, members);
        }
        done(OpeningStep.RECORD_FAILURES);
        return store;
    }

    /**
     * Checks the device that is to become the journal; null if there is none.
     *
     * <p>Reads: that device. Writes: nothing.
     */
    private @Nullable DeviceSpace checkNewJournal(JournalAddition addition) throws IOException {
        DeviceSpace added = journalToAdd == null ? null : addition.check(journalToAdd, options.force());
        done(OpeningStep.CHECK_NEW_JOURNAL);
        return added;
    }

    /**
     * Replays the log from its tail to the members; null if the array has no journal.
     *
     * <p>Reads: the log, members. Writes: parity at the log's end, flushed; then members, each flushed. A crash leaves
     * the same log, perhaps with more at its end: the next mount does the same replay again.
     */
    private JournalRecovery.@Nullable Recovered replayLog(
            ArrayGeometry geometry, MemberSet members, StripeLocks.Lease lease) throws IOException {
        JournalRecovery.Recovered recovered = logStart.replay(geometry, members, lease, runtime.random());
        if (assembly.lacksJournal()) {
            messages.add("the journal is not there: what only it held is missing, and parity may not fit everywhere");
        }
        done(OpeningStep.REPLAY_LOG);
        return recovered;
    }

    /**
     * If the array is dirty and has partial parity logs, the stripes that they name get their parity.
     *
     * <p>Reads: the logs, data. Writes: parity; every member flushed. A crash leaves a dirty array with the same logs:
     * the next mount does the same again.
     */
    private PplStart recoverPartialParity(ArrayGeometry geometry, MemberSet members, StripeLocks.Lease lease)
            throws IOException {
        PplStart ppl = PplStart.of(assembly, geometry, members, options.force(), lease);
        messages.addAll(ppl.messages());
        done(OpeningStep.RECOVER_PARTIAL_PARITY);
        return ppl;
    }

    /**
     * Reads the members' bitmaps and compares them; null if the array has none.
     *
     * <p>Reads: bitmaps. Writes: nothing.
     */
    private @Nullable FoundBitmap readBitmaps() throws IOException {
        FoundBitmap found = FoundBitmap.find(assembly).orElse(null);
        done(OpeningStep.READ_BITMAPS);
        return found;
    }

    /**
     * Rewrites bitmaps that are not alike, each head last, and gives the bitmap to devices that are being rebuilt; null
     * if the array has none.
     *
     * <p>Reads: nothing. Writes: bitmaps, flushed. A crash leaves bitmaps that are not alike: a bit of any counts. A
     * stale one stays stale until its head is written, and everything is resynced.
     */
    private @Nullable WriteIntentBitmap startBitmaps(
            @Nullable FoundBitmap found, SuperblockStore store, MemberSet members, SyncPosition syncPosition)
            throws IOException {
        WriteIntentBitmap bitmap = null;
        if (found != null) {
            boolean parityRight = reference.resyncOffset().isInSync() && members.degraded() == 0;
            bitmap = new WriteIntentBitmap(found, reference, parityRight, members, syncPosition, runtime.taskThreads());
            store.keepInStep(bitmap.eventCount());
            bitmap.makeAlike(found.alike());
            for (Assembly.Joiner joiner : assembly.joining()) {
                bitmap.attach(joiner.device());
            }
        }
        done(OpeningStep.START_BITMAPS);
        return bitmap;
    }

    /**
     * Writes that were cut short may be on a member and not on its replacement, or the other way round. A resync makes
     * parity fit the members and never looks at the replacement, so that has to be filled anew.
     *
     * <p>Writes: for each replacement of an array that was not stopped cleanly, one superblock update. A crash leaves a
     * replacement that is filled from 0.
     */
    private void restartReplacements(SuperblockStore store, MemberSet members, boolean resyncAll) throws IOException {
        boolean stoppedCleanly = !resyncAll && reference.resyncOffset().isInSync();
        for (int slot = 0; slot < members.size() && !stoppedCleanly; slot++) {
            Member replacement = members.replacement(slot);
            if (replacement != null) {
                replacement.recoveredTo(0);
                store.storeRecovered(replacement.deviceNumber(), RecoveryPosition.none());
            }
        }
        done(OpeningStep.RESTART_REPLACEMENTS);
    }

    /**
     * The superblocks say dirty if parity is in doubt everywhere, clean if the partial parity logs have made it right;
     * or, after --force, which members were taken back. True if they say dirty now.
     *
     * <p>Writes: one superblock update at most. A crash in it leaves the state before, or the new one; a dirty array is
     * resynced.
     */
    private boolean recordState(SuperblockStore store, PplStart ppl, boolean resyncAll) throws IOException {
        boolean dirty = resyncAll || (reference.resyncOffset().isDirty() && !ppl.madeParityRight());
        if (dirty) {
            // Said again, so that a tail that moves below never belongs to an array that calls itself clean.
            store.storeResyncOffset(ResyncOffset.dirty());
        } else if (ppl.madeParityRight()) {
            store.storeResyncOffset(ResyncOffset.inSync());
        } else if (!assembly.takenBack().isEmpty()) {
            // Every update says that they are members again; this one comes before any request.
            store.update(state -> state);
        }
        done(OpeningStep.RECORD_STATE);
        return dirty;
    }

    /**
     * With --ignore-bad-block-lists the lists are out of force before the first request, so that no later mount
     * believes what this one did not.
     *
     * <p>Writes: one superblock update. A crash in it leaves some lists in force; a mount without the option believes
     * them.
     */
    private void endBadBlockLists(SuperblockStore store) throws IOException {
        if (options.ignoreBadBlockLists()) {
            store.storeBadBlocks();
        }
        done(OpeningStep.END_BAD_BLOCK_LISTS);
    }

    /**
     * Makes the partial parity logs empty. Only after {@link #recordState}: until the superblocks say what became of
     * the logs, a crash must find them again.
     *
     * <p>Writes: each log, flushed. A crash leaves some of the logs; none says anything wrong, since the superblocks
     * say clean, or dirty as before.
     */
    private void emptyPartialParityLogs(PplStart ppl, MemberSet members) throws IOException {
        ppl.format(members);
        done(OpeningStep.EMPTY_PARTIAL_PARITY_LOGS);
    }

    /**
     * Starts the log behind its end, with an empty block whose sequence is 10000 higher, and moves the tail to that
     * block. Or removes the journal, or makes a blank device the journal: see {@link JournalAddition}.
     *
     * <p>Writes: the block; the log flushed; one superblock update. A crash before that update leaves the old tail and
     * the same replay: the block is no continuation of the old log. After the update nothing is left to replay.
     */
    private LogStart.Started startLog(
            SuperblockStore store,
            JournalRecovery.@Nullable Recovered recovered,
            JournalAddition addition,
            @Nullable DeviceSpace added)
            throws IOException {
        LogStart.Started started = logStart.start(store, recovered, addition, journalToAdd, added);
        done(OpeningStep.START_LOG);
        return started;
    }

    private void reportRedundancy(
            ArrayGeometry geometry, SyncPosition syncPosition, @Nullable FoundBitmap bitmap, boolean reported) {
        int left = geometry.layout().parityCount() - assembly.missingSlots().size();
        boolean regionsKnown = bitmap != null && bitmap.current();
        new Redundancy(left, syncPosition.inSync(), regionsKnown, options.readOnly())
                .line(reported)
                .ifPresent(messages::add);
    }

    private RaidArray connectReadOnly(ArrayParts parts) {
        RaidArray array = ArrayComposition.readOnly(parts);
        done(OpeningStep.CONNECT_PARTS);
        return array;
    }

    /** Makes the parts that serve requests, and connects them. Touches no device, and starts nothing. */
    private RaidArray connect(ArrayParts parts, WriteParts writeParts) {
        RaidArray array = ArrayComposition.writable(parts, writeParts, failures);
        done(OpeningStep.CONNECT_PARTS);
        return array;
    }

    /**
     * Starts the timed tasks of the bitmap and the journal; hands the resync to a worker; chooses a member that is not rebuilt, or a spare
     * for a free slot, and hands its rebuild to a worker.
     *
     * <p>Writes: from here on the resync writes parity. For a spare: its bitmap or an empty partial parity log, then
     * one superblock update: it has the slot, rebuilt up to 0. A crash leaves a resync or rebuild that starts again at
     * the stored position.
     */
    private void start(RaidArray array) throws IOException {
        try {
            array.start();
            done(OpeningStep.START);
        } catch (Throwable e) {
            CloseSteps closing = new CloseSteps(e);
            closing.run(array::close);
            closing.throwFirst();
        }
    }

    private ArrayParts parts(ArrayGeometry geometry, MemberSet members, SyncPosition syncPosition) {
        return new ArrayParts(
                reference,
                new ArrayStripes(geometry, members, locks, syncPosition),
                runtime,
                new CopyOnWriteArrayList<>(devices),
                List.copyOf(messages),
                events);
    }
}

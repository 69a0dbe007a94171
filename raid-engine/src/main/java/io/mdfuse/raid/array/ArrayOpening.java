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
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Opens an array whose devices were found and accepted. Each step that touches a device is a method, and {@link #open}
 * calls the methods in the order in which a mount touches the devices. The table in docs/architecture/opening.md has
 * all steps, with those before and after this class; {@code OpeningCrashTest} cuts the power in each of them.
 *
 * <p>A superblock update is: every device flushed, superblocks written, every device flushed.
 *
 * <p>All steps run on the thread that opens the array. If one of them throws, no background work is running, and the
 * caller closes the devices.
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
     * @param messages lines for the user from the steps before
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
        this.logStart = new LogStart(assembly, options, this.messages, runtime.recoveryProgress());
    }

    /**
     * Runs all steps. When this returns, the array is started: a resync runs if one is needed, and a
     * spare has taken a free slot.
     *
     * @throws ArrayRefusedException if the array can't be opened
     */
    RaidArray open(ParityLayout layout) throws IOException {
        ArrayGeometry geometry =
                new ArrayGeometry(layout, reference.raidDisks(), reference.chunkSectors(), reference.usedSectors());
        boolean problemReported = report();
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
                ResyncStart.position(assembly, members, foundBitmap, ppl.madeParityCorrect(), resyncAll, messages);
        if (options.readOnly()) {
            reportRedundancy(geometry, syncPosition, foundBitmap, problemReported);
            return connectReadOnly(parts(geometry, members, syncPosition));
        }
        WriteIntent bitmap = startBitmaps(foundBitmap, store, members, syncPosition);
        restartReplacements(store, members, resyncAll);
        boolean dirty = recordState(store, ppl, resyncAll);
        endBadBlockLists(store);
        emptyPartialParityLogs(ppl, members);
        LogStart.Started log = startLog(store, recovered, addition, added);
        reportRedundancy(geometry, syncPosition, foundBitmap, problemReported);
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

    /** Adds the lines of {@link StartReport}; true if there are any. */
    private boolean report() throws ArrayRefusedException {
        List<String> report = StartReport.of(assembly, options);
        messages.addAll(report);
        return !report.isEmpty();
    }

    /**
     * Makes the members. An array of which a device is too short is refused, see {@link ShortDevices}.
     *
     * <p>Reads: bad-block logs. Writes: nothing.
     */
    private MemberSet makeMembers(ArrayGeometry geometry, ListedBadBlocks listed) throws ArrayRefusedException {
        messages.addAll(ShortDevices.check(assembly, options.readOnly()));
        messages.addAll(SynologyFlags.messages(assembly));
        devices.forEach(device -> HostSpaceEvents.watch(device, events));
        MemberSet members =
                new MemberSetup(assembly, listed, options.readOnly()).members(geometry, failures, runtime.workers());
        done(OpeningStep.MAKE_MEMBERS);
        return members;
    }

    /**
     * From here on the superblocks record a member that fails. This step precedes the first write, so that a failure
     * during the recovery is recorded too. In a read-only array only this process knows of a failure.
     *
     * <p>Reads and writes nothing itself; a later failure causes one superblock update. A crash after that update
     * leaves the member faulty.
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
     * Checks the device that is to become the journal. Returns its layout; null if there is no such device.
     *
     * <p>Reads: that device. Writes: nothing.
     */
    private @Nullable DeviceSpace checkNewJournal(JournalAddition addition) throws IOException {
        DeviceSpace added = journalToAdd == null ? null : addition.check(journalToAdd, options.force());
        done(OpeningStep.CHECK_NEW_JOURNAL);
        return added;
    }

    /**
     * Replays the log from its tail to the members. Returns null if the array has no journal.
     *
     * <p>Reads: the log, members. Writes: parity at the log's end, flushed; then members, each flushed. A crash leaves
     * the same log, perhaps with more at its end: the next mount does the same replay again.
     */
    private JournalRecovery.@Nullable Recovered replayLog(
            ArrayGeometry geometry, MemberSet members, StripeLocks.Lease lease) throws IOException {
        JournalRecovery.Recovered recovered = logStart.replay(geometry, members, lease, runtime.random());
        if (assembly.lacksJournal()) {
            messages.add("the journal is not there: writes that only the journal contained are lost, and parity may be"
                    + " wrong everywhere");
        }
        done(OpeningStep.REPLAY_LOG);
        return recovered;
    }

    /**
     * If the array is dirty and has partial parity logs, computes the parity of the stripes that the logs name.
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
     * Reads the members' bitmaps and compares them. Returns null if the array has none.
     *
     * <p>Reads: bitmaps. Writes: nothing.
     */
    private @Nullable FoundBitmap readBitmaps() throws IOException {
        FoundBitmap found = FoundBitmap.find(assembly).orElse(null);
        done(OpeningStep.READ_BITMAPS);
        return found;
    }

    /**
     * If the bitmaps differ, rewrites them, the head of each last; writes the bitmap to devices that are being rebuilt.
     * Returns null if the array has no bitmap.
     *
     * <p>Reads: nothing. Writes: bitmaps, flushed. A crash leaves bitmaps that differ: a region counts as dirty if any
     * of them has its bit. A stale bitmap stays stale until its head is written, and then everything is resynced.
     */
    private @Nullable WriteIntent startBitmaps(
            @Nullable FoundBitmap found, SuperblockStore store, MemberSet members, SyncPosition syncPosition)
            throws IOException {
        WriteIntent bitmap = null;
        if (found != null) {
            bitmap = BitmapStart.of(found, reference, members, syncPosition, runtime.taskThreads());
            store.keepInStep(Objects.requireNonNull(bitmap.eventCount()));
            bitmap.makeAlike(found.alike());
            for (Assembly.RebuildingDevice rebuilding : assembly.rebuilding()) {
                bitmap.attach(rebuilding.device());
            }
        }
        done(OpeningStep.START_BITMAPS);
        return bitmap;
    }

    /**
     * If the array was not stopped cleanly, restarts the rebuild of each replacement at 0. A write that a crash
     * interrupted may be on a member and not on its replacement, or the other way round. A resync makes parity match
     * the members and ignores the replacement, so the replacement must be rebuilt from the start.
     *
     * <p>Writes: one superblock update for each replacement of an array that was not stopped cleanly. A crash leaves a
     * replacement that is rebuilt from 0.
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
     * Records the array's state in the superblocks: dirty if parity is in doubt everywhere; clean if the partial parity
     * logs have made it correct; after --force, which members were taken back. Returns true if the state is dirty.
     *
     * <p>Writes: at most one superblock update. A crash during it leaves the old state or the new one; a dirty array is
     * resynced.
     */
    private boolean recordState(SuperblockStore store, PplStart ppl, boolean resyncAll) throws IOException {
        boolean dirty = resyncAll || (reference.resyncOffset().isDirty() && !ppl.madeParityCorrect());
        if (dirty) {
            // Written even if the reference says dirty already: startLog moves the tail, and after that nothing but the
            // superblocks says that parity is in doubt.
            store.storeResyncOffset(ResyncOffset.dirty());
        } else if (ppl.madeParityCorrect()) {
            store.storeResyncOffset(ResyncOffset.inSync());
        } else if (!assembly.takenBack().isEmpty()) {
            // Any update records that they are members again. This one must precede the first request.
            store.update(state -> state);
        }
        done(OpeningStep.RECORD_STATE);
        return dirty;
    }

    /**
     * With --ignore-bad-block-lists, removes the lists from the superblocks before the first request: a list that this
     * mount does not update must not be used by a later mount.
     *
     * <p>Writes: one superblock update. A crash during it leaves some lists in force; a mount without the option uses
     * them.
     */
    private void endBadBlockLists(SuperblockStore store) throws IOException {
        if (options.ignoreBadBlockLists()) {
            store.storeBadBlocks();
        }
        done(OpeningStep.END_BAD_BLOCK_LISTS);
    }

    /**
     * Empties the partial parity logs. This must follow {@link #recordState}: until the superblocks record the result
     * of the recovery, the next mount after a crash needs the logs again.
     *
     * <p>Writes: each log, flushed. A crash leaves some of the logs. They do no harm: the superblocks say clean, so
     * that the logs are not used, or they say dirty as before.
     */
    private void emptyPartialParityLogs(PplStart ppl, MemberSet members) throws IOException {
        ppl.format(members);
        done(OpeningStep.EMPTY_PARTIAL_PARITY_LOGS);
    }

    /**
     * Starts the log after its end, with an empty block whose sequence number is 10000 higher, and moves the tail to
     * that block. If the user asked for it, removes the journal instead, or makes a blank device the journal ({@link
     * JournalAddition}).
     *
     * <p>Writes: the block; the log flushed; one superblock update. A crash before that update leaves the old tail and
     * the same replay: because of its sequence number the block does not continue the old log. After the update nothing
     * is left to replay.
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
            ArrayGeometry geometry, SyncPosition syncPosition, @Nullable FoundBitmap bitmap, boolean problemReported) {
        int failuresLeft =
                geometry.layout().parityCount() - assembly.missingSlots().size();
        boolean regionsKnown = bitmap != null && bitmap.current();
        new Redundancy(failuresLeft, syncPosition.inSync(), regionsKnown, options.readOnly())
                .line(problemReported)
                .ifPresent(messages::add);
    }

    private RaidArray connectReadOnly(ArrayParts parts) {
        RaidArray array = ArrayComposition.readOnly(parts, assembly);
        done(OpeningStep.CONNECT_PARTS);
        return array;
    }

    /**
     * Makes the parts that serve requests, and connects them. Starts no task, and touches no device but for a hint. The
     * hint comes after the flushes of the steps before, since only content that is on the medium can leave the host's
     * memory.
     */
    private RaidArray connect(ArrayParts parts, WriteParts writeParts) {
        devices.forEach(BlockDevice::expectSmallWrites);
        RaidArray array = ArrayComposition.writable(parts, writeParts, failures);
        done(OpeningStep.CONNECT_PARTS);
        return array;
    }

    /**
     * Starts the timed tasks of the bitmap and the journal; starts the resync on a worker; chooses a member whose
     * rebuild is not complete, or a spare for a free slot, and starts its rebuild on a worker.
     *
     * <p>Writes: from here on the resync writes parity. For a spare: its bitmap or an empty partial parity log, then
     * one superblock update that gives it the slot, rebuilt up to 0. A crash leaves a resync or rebuild that starts
     * again at the stored position.
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
                events,
                null);
    }
}

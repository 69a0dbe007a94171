package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.CopyOnWriteDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.LogChecksum;
import io.mdfuse.journal.LogPosition;
import io.mdfuse.raid.create.DeviceSpace;
import io.mdfuse.raid.create.LogicalBlock;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.recovery.JournalRecovery;
import io.mdfuse.raid.stripe.DirtyRegions;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.BadBlocks;
import io.mdfuse.raid.superblock.FoundBitmap;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.ResyncOffset;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import io.mdfuse.raid.writepath.DirtyMarker;
import io.mdfuse.raid.writepath.LogNeeds;
import io.mdfuse.raid.writepath.PartialParityLog;
import io.mdfuse.raid.writepath.WriteIntent;
import io.mdfuse.raid.writepath.WriteIntentBitmap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The composition root: makes every part of an open array, recovers what a crash left, and hands all to
 * {@link RaidArray}.
 *
 * <ol>
 *   <li>geometry and members; for a read-only array each member is laid under a copy-on-write device
 *   <li>the journal is replayed to the members, which are flushed
 *   <li>the log starts anew behind its end; that moves the tail, which counts the events up
 *   <li>what parity is not known to be right is left to the resync
 * </ol>
 */
final class ArrayBuilder {
    /** Of a cache that nobody gave a size. */
    private static final int LEAST_CACHED_STRIPES = 256;

    private final Assembly assembly;
    private final Superblock reference;
    private final AssembleOptions options;
    private final ArrayRuntime runtime;
    private final List<BlockDevice> devices;
    private final @Nullable BlockDevice journalToAdd;
    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final ArrayEvents events = new ArrayEvents();
    private final FailureRelay failures = new FailureRelay(events);
    private final List<String> messages = new ArrayList<>();
    private final StripeLocks locks = new StripeLocks();
    private final ListedBadBlocks listed;
    private final boolean told;

    ArrayBuilder(
            Assembly assembly,
            ParityLayout layout,
            AssembleOptions options,
            ArrayRuntime runtime,
            List<BlockDevice> devices,
            @Nullable BlockDevice journalToAdd)
            throws ArrayRefusedException {
        this.journalToAdd = journalToAdd;
        this.assembly = assembly;
        this.reference = assembly.reference();
        this.options = options;
        this.runtime = runtime;
        this.devices = devices;
        devices.forEach(device -> HostRoomEvents.watch(device, events));
        this.geometry =
                new ArrayGeometry(layout, reference.raidDisks(), reference.chunkSectors(), reference.usedSectors());
        List<String> report = StartReport.of(assembly, options);
        this.told = !report.isEmpty();
        this.messages.addAll(report);
        this.listed = new ListedBadBlocks(geometry, assembly, options);
        messages.addAll(ShortDevices.check(assembly, options.readOnly()));
        messages.addAll(SynologyMarks.messages(assembly));
        this.members = makeMembers();
    }

    private MemberSet makeMembers() {
        List<@Nullable Member> slots = new ArrayList<>();
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            FoundDevice found = assembly.slots().get(slot);
            slots.add(found == null ? null : makeMember(slot, found, Superblock.IN_SYNC));
        }
        List<Assembly.Joiner> joining = assembly.joining();
        for (Assembly.Joiner joiner : joining) {
            if (!joiner.replacement()) {
                slots.set(joiner.slot(), makeMember(joiner.slot(), joiner.device(), joiner.recoveredSectors()));
            }
        }
        MemberSet made = new MemberSet(slots, geometry.layout().parityCount(), failures, runtime.workers());
        for (Assembly.Joiner joiner : joining) {
            if (joiner.replacement()) {
                made.join(makeMember(joiner.slot(), joiner.device(), joiner.recoveredSectors()), true);
            }
        }
        return made;
    }

    private Member makeMember(int slot, FoundDevice found, long recoveredSectors) {
        BlockDevice full = new ShortDevices(assembly).full(found);
        BlockDevice device = options.readOnly() ? new CopyOnWriteDevice(full) : full;
        int number = found.superblock().deviceNumber();
        long dataOffsetBytes = Sectors.toBytes(found.superblock().dataOffsetSectors());
        BadBlocks badBlocks = listed.of(found);
        Member member = recoveredSectors == Superblock.IN_SYNC
                ? Member.inSync(slot, number, device, dataOffsetBytes, badBlocks)
                : Member.rebuilding(slot, number, device, dataOffsetBytes, badBlocks, recoveredSectors);
        if (full != found.device()) {
            member.lacksItsBadBlocks();
        }
        return member;
    }

    private DeviceList deviceList(SuperblockStore store, @Nullable FoundDevice journal) {
        List<DeviceList.Entry> entries = new ArrayList<>();
        List<FoundDevice> found = new ArrayList<>();
        assembly.slots().stream().filter(Objects::nonNull).forEach(found::add);
        if (journal != null) {
            found.add(journal);
        }
        // Verbs name a device by its number: an older device that has the number of one in use is not listed.
        Comparator<Assembly.Bystander> writtenFirst = Comparator.comparing(other -> !other.isWritten());
        assembly.others().stream().sorted(writtenFirst).forEach(other -> found.add(other.device()));
        Set<Integer> numbers = new HashSet<>();
        for (FoundDevice device : found) {
            if (!numbers.add(device.superblock().deviceNumber())) {
                continue;
            }
            Member member = members.byNumber(device.superblock().deviceNumber());
            entries.add(new DeviceList.Entry(device, member));
        }
        return new DeviceList(store, entries);
    }

    /** Puts lines before what the opening has to say. */
    ArrayBuilder saying(List<String> lines) {
        messages.addAll(0, lines);
        return this;
    }

    RaidArray build() throws IOException {
        SuperblockStore store = new SuperblockStore(assembly, runtime.clock(), failures);
        listed.logs().forEach(store::keepBadBlocks);
        if (!options.readOnly()) {
            // Before the first write, so that a member that fails in the recovery is on record too.
            failures.connect(store, members);
        }
        JournalAddition addition = new JournalAddition(
                reference, store, runtime.random(), LogicalBlock.ofArray(reference, memberDevices()));
        DeviceSpace added = journalToAdd == null ? null : addition.check(journalToAdd, options.force());
        FoundDevice journalDevice = assembly.journal();
        JournalRecovery.Recovered recovered;
        PplStart ppl;
        try (StripeLocks.Lease lease = locks.lockAll()) {
            recovered = journalDevice == null ? null : recover(journalDevice, lease);
            ppl = PplStart.of(assembly, geometry, members, options.force(), lease);
        }
        boolean resyncAll = assembly.lacksJournal() || (recovered != null && recovered.parityInDoubt());
        if (assembly.lacksJournal()) {
            messages.add("the journal is not there: what only it held is missing, and parity may not fit everywhere");
        }
        FoundBitmap foundBitmap = FoundBitmap.find(assembly).orElse(null);
        messages.addAll(ppl.messages());
        messages.addAll(listed.messages());
        ResyncOffset startOfResync = ppl.madeParityRight() ? ResyncOffset.inSync() : startOfResync(resyncAll);
        SyncPosition syncPosition = new SyncPosition(startOfResync, dirtyRegions(foundBitmap));
        if (!syncPosition.inSync() && anyBadBlocks()) {
            messages.add("blocks that are listed as bad where parity is not known to be right can't be"
                    + " read before the resync has"
                    + " passed them; from then on they are what parity says, as in md");
        }
        if (options.readOnly()) {
            tellRedundancy(syncPosition, foundBitmap);
            return new RaidArray(parts(syncPosition), null);
        }
        WriteIntentBitmap bitmap = foundBitmap == null ? null : startBitmap(foundBitmap, store, syncPosition);
        boolean dirty = resyncAll || (reference.resyncOffset().isDirty() && !ppl.madeParityRight());
        if (resyncAll || !reference.resyncOffset().isInSync()) {
            restartReplacements(store);
        }
        if (dirty) {
            // Said again, so that a tail that moves below never belongs to an array that calls itself clean.
            store.storeResyncOffset(ResyncOffset.dirty());
        } else if (ppl.madeParityRight()) {
            store.storeResyncOffset(ResyncOffset.inSync());
        } else if (!assembly.takenBack().isEmpty()) {
            // Every update says that they are members again; this one comes before any request.
            store.update(state -> state);
        }
        if (options.ignoreBadBlockLists()) {
            // Before the first request: from here on no later mount believes what this one did not.
            store.storeBadBlocks();
        }
        // Only now: until the superblocks say what became of the logs, a crash must find them again.
        ppl.format(members);
        StartedJournal started = startJournal(store, recovered, addition, added);
        tellRedundancy(syncPosition, foundBitmap);
        DirtyMarker dirtyMarker = new DirtyMarker(
                members, store::storeResyncOffset, syncPosition, dirty, runtime.clock(), runtime.timer());
        return new RaidArray(
                parts(syncPosition),
                new WritableParts(
                        store,
                        dirtyMarker,
                        failures,
                        deviceList(store, started.device()),
                        options.direct(),
                        started.journal(),
                        writeIntent(bitmap, ppl, syncPosition),
                        stripeCacheSize()));
    }

    private List<BlockDevice> memberDevices() {
        return assembly.slots().stream()
                .filter(Objects::nonNull)
                .map(FoundDevice::device)
                .toList();
    }

    private void tellRedundancy(SyncPosition syncPosition, @Nullable FoundBitmap bitmap) {
        int left = geometry.layout().parityCount() - assembly.missingSlots().size();
        boolean regionsKnown = bitmap != null && bitmap.current();
        new Redundancy(left, syncPosition.inSync(), regionsKnown, options.readOnly())
                .line(told)
                .ifPresent(messages::add);
    }

    private boolean anyBadBlocks() {
        return members.writable().stream()
                .anyMatch(member -> !member.badBlocks().isEmpty());
    }

    /** The array's journal from now on, and its device; neither where it has none. */
    private record StartedJournal(
            @Nullable FoundDevice device, @Nullable Journal journal) {}

    /** Starts the log anew behind what was recovered, or as the user wants the array to be from now on. */
    private StartedJournal startJournal(
            SuperblockStore store,
            JournalRecovery.@Nullable Recovered recovered,
            JournalAddition addition,
            @Nullable DeviceSpace added)
            throws IOException {
        FoundDevice device = assembly.journal();
        if (options.dropJournal()) {
            store.dropJournal();
            messages.add("the array has no journal any more");
            return new StartedJournal(null, null);
        }
        if (device != null && recovered != null) {
            return new StartedJournal(device, start(device, store, recovered.restart()));
        }
        if (journalToAdd != null && added != null) {
            JournalAddition.Added made = addition.add(journalToAdd, added);
            messages.add(journalToAdd.name() + " is the array's journal now");
            return new StartedJournal(made.journal(), start(made.journal(), store, made.start()));
        }
        return new StartedJournal(null, null);
    }

    /**
     * Writes that were cut short may be on a member and not on the one that is to replace it, or the other way round. A
     * resync makes parity fit the members and never looks at the replacement, so that has to be filled anew.
     */
    private void restartReplacements(SuperblockStore store) throws IOException {
        for (int slot = 0; slot < members.size(); slot++) {
            Member replacement = members.replacement(slot);
            if (replacement != null) {
                replacement.recoveredTo(0);
                store.storeRecovered(replacement.deviceNumber(), 0);
            }
        }
    }

    private WriteIntent writeIntent(@Nullable WriteIntentBitmap bitmap, PplStart ppl, SyncPosition syncPosition) {
        if (bitmap != null) {
            return bitmap;
        }
        return ppl.areas().isEmpty()
                ? WriteIntent.NONE
                : new PartialParityLog(geometry, members, syncPosition, ppl.areas());
    }

    private static @Nullable DirtyRegions dirtyRegions(@Nullable FoundBitmap found) {
        return found != null && found.current()
                ? new DirtyRegions(found.head().chunkSectors(), found.dirtyChunks())
                : null;
    }

    private WriteIntentBitmap startBitmap(FoundBitmap found, SuperblockStore store, SyncPosition syncPosition)
            throws IOException {
        boolean parityRight = reference.resyncOffset().isInSync() && members.degraded() == 0;
        WriteIntentBitmap bitmap =
                new WriteIntentBitmap(found, reference, parityRight, members, syncPosition, runtime.timer());
        store.keepInStep(bitmap.eventCount());
        bitmap.start(found.alike());
        for (Assembly.Joiner joiner : assembly.joining()) {
            bitmap.attach(joiner.device());
        }
        return bitmap;
    }

    private Journal start(FoundDevice device, SuperblockStore store, LogPosition at) throws IOException {
        return Journal.startAt(logArea(device), new LogChecksum(reference.setUuid()), store, at);
    }

    /**
     * With --force a dirty array that lacks a member takes its parity as right: there is no way to make it so. Nobody
     * said that of a member that has failed only since, in the recovery.
     */
    private ResyncOffset startOfResync(boolean resyncAll) {
        if (!assembly.missingSlots().isEmpty()) {
            return ResyncOffset.inSync();
        }
        return resyncAll ? ResyncOffset.dirty() : reference.resyncOffset();
    }

    private JournalRecovery.Recovered recover(FoundDevice journalDevice, StripeLocks.Lease lease) throws IOException {
        JournalRecovery recovery = new JournalRecovery(
                geometry, members, logArea(journalDevice), new LogChecksum(reference.setUuid()), lease);
        JournalRecovery.Recovered recovered = recovery.recover(
                journalDevice.superblock().journalTailSector(), options.readOnly(), options.force(), runtime.random());
        messages.addAll(recovered.messages());
        return recovered;
    }

    private LogArea logArea(FoundDevice journalDevice) {
        Superblock superblock = journalDevice.superblock();
        LogArea area = new LogArea(
                new ShortDevices(assembly).full(journalDevice),
                Sectors.toBytes(superblock.dataOffsetSectors()),
                Sectors.roundDown(superblock.dataSizeSectors(), Sectors.PER_BLOCK));
        // Measured: a hole that is punched behind the tail costs each later commit an allocation in the file system.
        return journalDevice.device().isImageFile() ? area.withoutTrim() : area;
    }

    /** What the user said, or a quarter of this process's memory. */
    private int stripeCacheSize() {
        long stripeBytes = (long) geometry.dataDisks() * Sectors.BLOCK_BYTES;
        long fitting = Runtime.getRuntime().maxMemory() / 4 / stripeBytes;
        return options.stripeCacheSize() > 0
                ? options.stripeCacheSize()
                : Math.clamp(fitting, LEAST_CACHED_STRIPES, LogNeeds.MOST_CACHED_STRIPES);
    }

    private ArrayParts parts(SyncPosition syncPosition) {
        return new ArrayParts(
                reference,
                geometry,
                members,
                locks,
                syncPosition,
                runtime,
                new CopyOnWriteArrayList<>(devices),
                List.copyOf(messages),
                events);
    }
}

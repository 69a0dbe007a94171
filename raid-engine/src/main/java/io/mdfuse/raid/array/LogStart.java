package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.journal.Journal;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.LogChecksum;
import io.mdfuse.journal.LogPosition;
import io.mdfuse.raid.create.DeviceSpace;
import io.mdfuse.raid.event.RecoveryProgress;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.recovery.JournalRecovery;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import java.io.IOException;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The journal of an array that is being opened: replays its log, and starts the log again after what was replayed. */
final class LogStart {
    private final Assembly assembly;
    private final AssembleOptions options;
    private final List<String> messages;
    private final RecoveryProgress progress;

    /** @param messages receives lines for the user */
    LogStart(Assembly assembly, AssembleOptions options, List<String> messages, RecoveryProgress progress) {
        this.progress = progress;
        this.assembly = assembly;
        this.options = options;
        this.messages = messages;
    }

    /** The journal that the array uses from now on, and its device; both null if the array has no journal. */
    record Started(@Nullable FoundDevice device, @Nullable Journal journal) {}

    /**
     * Replays the log to the members and flushes them. Returns null if the array has no journal device. A journal that
     * lies in a hole of a rescued image is refused.
     *
     * @param lease covers every stripe of the array
     */
    JournalRecovery.@Nullable Recovered replay(
            ArrayGeometry geometry, MemberSet members, StripeLocks.Lease lease, RandomGenerator random)
            throws IOException {
        FoundDevice device = assembly.journal();
        if (device == null) {
            return null;
        }
        JournalRecovery recovery = new JournalRecovery(geometry, members, logArea(device), checksum(), lease, progress);
        try {
            JournalRecovery.Recovered recovered = recovery.recover(
                    device.superblock().journalTailSector(), options.readOnly(), options.force(), random);
            messages.addAll(recovered.messages());
            return recovered;
        } catch (DeviceException e) {
            boolean hole = !new ShortDevices(assembly).full(device).unreadable().isEmpty();
            if (!hole || !e.deviceName().equals(device.name())) {
                throw e;
            }
            throw new ArrayRefusedException(
                    Reason.CORRUPT,
                    e.getMessage() + "; it is the journal: leave it out and mount with --read-only to look at the"
                            + " members without the newest writes that it may hold");
        }
    }

    /**
     * Starts the log after what was replayed; or removes the journal, or makes a blank device the journal, if the
     * options ask for that.
     *
     * @param recovered the result of {@link #replay}
     * @param journalToAdd the blank device; null if none is added
     * @param added the layout of the blank device; null if none is added
     */
    Started start(
            SuperblockStore store,
            JournalRecovery.@Nullable Recovered recovered,
            JournalAddition addition,
            @Nullable BlockDevice journalToAdd,
            @Nullable DeviceSpace added)
            throws IOException {
        FoundDevice device = assembly.journal();
        if (options.dropJournal()) {
            store.dropJournal();
            messages.add("the array has no journal any more");
            return new Started(null, null);
        }
        if (device != null && recovered != null) {
            return new Started(device, startAt(device, store, recovered.restart()));
        }
        if (journalToAdd != null && added != null) {
            JournalAddition.Added made = addition.add(journalToAdd, added);
            messages.add(journalToAdd.name() + " is the array's journal now");
            return new Started(made.journal(), startAt(made.journal(), store, made.start()));
        }
        return new Started(null, null);
    }

    private Journal startAt(FoundDevice device, SuperblockStore store, LogPosition at) throws IOException {
        return Journal.startAt(logArea(device), checksum(), store, at);
    }

    private LogChecksum checksum() {
        return new LogChecksum(assembly.reference().setUuid());
    }

    private LogArea logArea(FoundDevice device) {
        Superblock superblock = device.superblock();
        LogArea area = new LogArea(
                new ShortDevices(assembly).full(device),
                Sectors.toBytes(superblock.dataOffsetSectors()),
                Sectors.roundDown(superblock.dataSizeSectors(), Sectors.PER_BLOCK));
        // Measured: if the log behind the tail is punched out of an image file, each later commit waits until the
        // host's
        // file system has allocated the blocks again.
        return device.device().isImageFile() ? area.withoutTrim() : area;
    }
}

package io.mdfuse.raid.array;

import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.member.FailureRecord;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.superblock.store.StoreListener;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects the members and their superblocks, of which each reports failures to the other: a member that fails is
 * recorded by the {@link SuperblockStore}, and a superblock that can't be written fails its member.
 *
 * <p>The two are made one after the other, so they are {@linkplain #connect connected} later. The listeners are called
 * by threads that hold locks and stripes: they must not wait.
 */
final class FailureRelay implements FailureRecord, StoreListener {
    private static final Logger LOG = LoggerFactory.getLogger(FailureRelay.class);

    private final ArrayEvents events;
    private @Nullable SuperblockStore store;
    private @Nullable MemberSet members;

    private final List<Runnable> whenMemberFails = new CopyOnWriteArrayList<>();
    private Consumer<IOException> whenJournalFails = cause -> {};

    FailureRelay(ArrayEvents events) {
        this.events = events;
    }

    /** Registers a listener that is called after the failure of a member has been recorded. */
    void whenMemberFails(Runnable task) {
        whenMemberFails.add(task);
    }

    /** Sets the listener that gets the cause if the journal's superblock could not be written. */
    void whenJournalFails(Consumer<IOException> task) {
        whenJournalFails = task;
    }

    /** Called once, before the first failure can be reported. */
    void connect(SuperblockStore toStore, MemberSet toMembers) {
        store = toStore;
        members = toMembers;
    }

    /** In a read-only array no superblock is written: only this process knows of the failure. */
    @Override
    public void recordFailure(Member member) throws IOException {
        if (store != null) {
            store.markDeviceFaulty(member.deviceNumber());
        }
        whenMemberFails.forEach(Runnable::run);
    }

    @Override
    public void recordBadBlocks() throws IOException {
        if (store != null) {
            store.storeBadBlocks();
        }
    }

    @Override
    public void report(ArrayEvent event) {
        events.emit(event);
    }

    @Override
    public void spareFailed(String deviceName, IOException cause) {
        report(ArrayEvent.of(
                "FailSpare",
                Severity.CRITICAL,
                deviceName,
                deviceName + " (spare) is left out from now on: " + cause.getMessage()));
    }

    @Override
    public void memberFailed(int deviceNumber, IOException cause) {
        Member member = members == null ? null : members.byNumber(deviceNumber);
        if (members == null || member == null) {
            return;
        }
        DeviceException failure = cause instanceof DeviceException device
                ? device
                : new DeviceException(member.name(), "superblock update", 0, 0, String.valueOf(cause.getMessage()));
        try {
            members.failed(member, failure);
        } catch (IOException e) {
            LOG.error("{}", e.getMessage());
        }
    }

    @Override
    public void journalFailed(IOException cause) {
        LOG.error("the journal's superblock can't be written: {}", cause.getMessage());
        whenJournalFails.accept(cause);
    }
}

package io.mdfuse.raid.array;

import io.mdfuse.raid.array.DeviceList.Entry;
import io.mdfuse.raid.array.MemberOutcome.Failed;
import io.mdfuse.raid.array.MemberOutcome.UnreadContent;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import io.mdfuse.raid.writepath.DirtyMarker;
import java.io.IOException;
import java.util.SortedSet;

/**
 * Fails a device because the user asks for it: the command {@code fail}. Unlike an error of the device, the command is
 * refused if it would cost the array its redundancy or blocks, unless the user forces it.
 *
 * <p>Called with the lock of {@link MemberManager} held.
 */
final class DeliberateFailure {
    /** How long a command that breaks the array waits for a moment without a write in progress. */
    private static final long SETTLE_MILLIS = 1000;

    private final MemberSet members;
    private final SuperblockStore store;
    private final DeviceList devices;
    private final DirtyMarker dirtyMarker;
    private final ArrayEvents events;
    private final FailureCost failureCost;
    private final Flush flush;

    /** Makes all acknowledged writes durable. */
    interface Flush {
        void run() throws IOException;
    }

    DeliberateFailure(ArrayParts parts, WriteParts writeParts, Flush flush) {
        this.members = parts.members();
        this.store = writeParts.store();
        this.devices = writeParts.devices();
        this.dirtyMarker = writeParts.dirtyMarker();
        this.events = parts.events();
        this.failureCost = new FailureCost(parts);
        this.flush = flush;
    }

    /**
     * Records in the superblocks of the other devices that {@code device} has failed; it is not used from then on.
     *
     * @param name the device as the user named it
     * @param force fail a member even if the array breaks or blocks are lost
     * @throws IOException if the command is refused, or as {@link MemberSet#failed}
     */
    Failed fail(Entry device, String name, boolean force) throws IOException {
        DeviceState state = devices.stateOf(device);
        CommandRefusal.throwIf(
                state == DeviceState.JOURNAL, name + ": is the journal; unmount, and mount with --drop-journal");
        CommandRefusal.throwIf(state.isOut(), name + ": has failed already");
        Member member = device.member();
        if (state == DeviceState.SPARE || member == null) {
            failSpare(device);
        } else {
            failMember(member, name, force);
        }
        return new Failed(name, member == null ? UnreadContent.NONE : failureCost.unreadForLackOfResync());
    }

    private void failSpare(Entry spare) throws IOException {
        store.markDeviceFaulty(spare.number());
        events.emit(ArrayEvent.of(
                "FailSpare", Severity.CRITICAL, spare.name(), spare.name() + " (spare) was failed by command"));
    }

    private void failMember(Member member, String name, boolean force) throws IOException {
        boolean breaks = !members.survivesWithout(member);
        CommandRefusal.throwIf(
                !force && breaks,
                name + ": the array can't go on without it: nothing could be written any more, and what it"
                        + " holds could not be solved; replace it instead, or break the array with --force");
        SortedSet<Long> lost = failureCost.stripesLost(member);
        if (!force && !lost.isEmpty()) {
            throw CommandRefusal.because(name + ": " + lost.size()
                    + " blocks that other members list as bad are solved with it, the first at member sector "
                    + lost.first() + ": they would be lost; replace it instead, or give them up with --force");
        }
        if (breaks) {
            settle();
        }
        members.failed(member, new IOException("it was failed by command"));
    }

    /**
     * Called before the array is broken on purpose: makes all acknowledged writes durable and, if no write is in
     * progress within {@link #SETTLE_MILLIS}, marks the array clean.
     */
    private void settle() throws IOException {
        flush.run();
        try {
            for (long waited = 0; !dirtyMarker.cleanNow() && waited < SETTLE_MILLIS; waited += 10) {
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}

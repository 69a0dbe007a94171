package io.mdfuse.raid.member;

import io.mdfuse.device.DeviceException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All slots of an array, and the one place that decides what a member's error means.
 *
 * <p>A write or flush that fails makes the member faulty, as long as the array can do without it; that is on the
 * survivors' superblocks before the call that saw it returns, because from then on the faulty member is stale
 * and must never be trusted again. An array that can't do without it keeps the member as it is and reports the
 * error: a later mount may still read what the member holds.
 */
public final class MemberSet {
    private static final Logger LOG = LoggerFactory.getLogger(MemberSet.class);

    private final @Nullable Member[] slots;
    private final int parityCount;
    private final FailureRecord failureRecord;
    private final Executor executor;
    private final GroupFlush groupFlush = new GroupFlush(this::flushEach);

    /**
     * Takes the members as they were found.
     *
     * @param slots a member for each slot; null where it is missing
     * @param parityCount how many members the layout can lose
     * @param executor runs the members' flushes side by side
     */
    public MemberSet(
            List<? extends @Nullable Member> slots, int parityCount, FailureRecord failureRecord, Executor executor) {
        this.slots = slots.toArray(new Member[0]);
        this.parityCount = parityCount;
        this.failureRecord = failureRecord;
        this.executor = executor;
    }

    /** How many slots there are, missing ones included. */
    public int size() {
        return slots.length;
    }

    /** The member of a slot if it can be read and written; null where it is missing or faulty. */
    public @Nullable Member inSync(int slot) {
        Member member = slots[slot];
        return member != null && member.inSync() ? member : null;
    }

    /** All members that can be read and written, in slot order. */
    public List<Member> inSync() {
        List<Member> members = new ArrayList<>(slots.length);
        for (int slot = 0; slot < slots.length; slot++) {
            Member member = inSync(slot);
            if (member != null) {
                members.add(member);
            }
        }
        return members;
    }

    /** How many slots are missing or faulty. */
    public int degraded() {
        return slots.length - inSync().size();
    }

    /**
     * Takes note that a write to or flush of {@code member} failed.
     *
     * @throws IOException where the array can't do without it, or where the failure could not be recorded
     */
    public synchronized void failed(Member member, DeviceException cause) throws IOException {
        if (!member.inSync()) {
            return;
        }
        if (degraded() >= parityCount) {
            throw new IOException("the array cannot lose another member: " + cause.getMessage(), cause);
        }
        LOG.error(
                "{} (slot {}) failed and is left out from now on: {}",
                member.name(),
                member.slot(),
                cause.getMessage());
        member.fail();
        failureRecord.recordFailure(member.slot());
    }

    /** Makes everything that was written to any member before this call durable; one flush serves all who wait. */
    public void flush() throws IOException {
        groupFlush.await();
    }

    private void flushEach() throws IOException {
        List<Member> live = inSync();
        List<CompletableFuture<@Nullable DeviceException>> flushes = new ArrayList<>(live.size());
        for (Member member : live) {
            flushes.add(CompletableFuture.supplyAsync(() -> flushOne(member), executor));
        }
        for (int i = 0; i < live.size(); i++) {
            DeviceException cause = flushes.get(i).join();
            if (cause != null) {
                failed(live.get(i), cause);
            }
        }
    }

    private static @Nullable DeviceException flushOne(Member member) {
        try {
            member.flush();
            return null;
        } catch (DeviceException e) {
            return e;
        }
    }
}

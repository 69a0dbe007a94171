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
 * <pre>
 *                    failed(): redundancy is left
 *   SOUND ────────────────────────────────────────────▶ SOUND, one member fewer
 *     │      faulty at once; on the survivors' superblocks before anybody who left it out has an answer
 *     │
 *     └── failed(): no redundancy is left, or no survivor takes the record ──▶ BROKEN, for good
 * </pre>
 *
 * A member whose write or flush failed is stale from then on and must never be trusted again, so its failure is on
 * record before anything relies on it: the call that saw it, and every other call that passes the member over, waits for
 * the record ({@link #awaitRecords}).
 *
 * <p>In BROKEN the members stay as they are, since a later mount may still read what they hold. Nothing is written any more,
 * and no flush succeeds: what was answered before may be lost with the write that failed, and a later flush that
 * went well would deny it.
 */
public final class MemberSet {
    private static final Logger LOG = LoggerFactory.getLogger(MemberSet.class);

    private final @Nullable Member[] slots;
    private final int parityCount;
    private final FailureRecord failureRecord;
    private final Executor executor;
    private final GroupFlush groupFlush = new GroupFlush(this::flushEach);
    /** True from just before a member is passed over until that is on record. */
    private volatile boolean recording;

    private volatile @Nullable IOException broken;

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
     * Takes note that a write to or flush of {@code member} failed; returns once that is on record.
     *
     * @throws IOException where the array can't do without it, or where the failure could not be recorded; the array is
     *     broken then
     */
    public synchronized void failed(Member member, DeviceException cause) throws IOException {
        requireSound();
        if (!member.inSync()) {
            return;
        }
        if (degraded() >= parityCount) {
            throw breakWith("the array cannot lose another member: " + cause.getMessage(), cause);
        }
        LOG.error(
                "{} (slot {}) failed and is left out from now on: {}",
                member.name(),
                member.slot(),
                cause.getMessage());
        recording = true;
        member.fail();
        try {
            failureRecord.recordFailure(member.slot());
        } catch (IOException e) {
            throw breakWith("the failure of " + member.name() + " could not be recorded: " + e.getMessage(), e);
        } finally {
            recording = false;
        }
    }

    private IOException breakWith(String message, IOException cause) {
        broken = new IOException(message, cause);
        LOG.error("{}; nothing is written any more", message);
        return broken;
    }

    /** True where nothing is written any more; stripes may be half written, so none may be solved. */
    public boolean isBroken() {
        return broken != null;
    }

    /** Throws where the array is broken. */
    public void requireSound() throws IOException {
        IOException cause = broken;
        if (cause != null) {
            throw new IOException("no more writes: " + cause.getMessage(), cause);
        }
    }

    /**
     * Returns once every failure because of which a member was passed over is on record. Whoever changed the members
     * calls it before it answers: a crash after that must not find the member that was passed over still trusted.
     */
    public void awaitRecords() throws IOException {
        if (recording) {
            synchronized (this) {
                requireSound();
            }
        } else {
            requireSound();
        }
    }

    /** Makes everything that was written to any member before this call durable; one flush serves all who wait. */
    public void flush() throws IOException {
        requireSound();
        groupFlush.await();
        awaitRecords();
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

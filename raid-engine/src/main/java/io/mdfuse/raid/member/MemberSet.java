package io.mdfuse.raid.member;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All slots of an array, and the one place that decides what a member's error means. A slot has at most one member,
 * which is in sync or being rebuilt, and beside a member in sync at most one replacement.
 *
 * <pre>
 *   of a slot        is read                     is written   counts as degraded
 *   member in sync   everywhere                  everywhere   no
 *   rebuilding       below its recovered sector  everywhere   yes
 *   replacement      not                         everywhere   (the member counts)
 *   faulty, none     not                         not          yes
 * </pre>
 *
 * <pre>
 *                    failed(): redundancy is left, or it was not in sync
 *   SOUND ────────────────────────────────────────────▶ SOUND, one member fewer
 *     │      faulty at once; on the survivors' superblocks before anybody who left it out has an answer
 *     │
 *     └── failed(): no redundancy is left, or no survivor takes the record ──▶ BROKEN, for good
 * </pre>
 *
 * A member whose write or flush failed is stale from then on and must never be trusted again, so its failure is on
 * record before anything relies on it: the call that saw it, and every other call that passes the member over, waits
 * for the record ({@link #awaitRecords}). That goes for a member that is being rebuilt too: what it holds is trusted by
 * the next mount up to its recovery offset.
 *
 * <p>A block that a member gives no more and takes no more costs only that block where it has a bad-block log: see
 * {@link #failedBlocks}.
 *
 * <p>In BROKEN the members stay as they are, since a later mount may still read what they hold. Nothing is written any
 * more, and no flush succeeds: what was answered before may be lost with the write that failed, and a later flush that
 * went well would deny it.
 */
public final class MemberSet {
    private static final Logger LOG = LoggerFactory.getLogger(MemberSet.class);

    private final RankedLock lock = new RankedLock(LockRank.MEMBER_SET);
    private final AtomicReferenceArray<@Nullable Member> slots;
    private final AtomicReferenceArray<@Nullable Member> replacements;
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
        this.slots = new AtomicReferenceArray<>(slots.toArray(new Member[0]));
        this.replacements = new AtomicReferenceArray<>(new Member[slots.size()]);
        this.parityCount = parityCount;
        this.failureRecord = failureRecord;
        this.executor = executor;
    }

    /** How many slots there are, missing ones included. */
    public int size() {
        return slots.length();
    }

    /** The slot's own member where it has not failed, in sync or not; null where there is none. */
    public @Nullable Member member(int slot) {
        return live(slots.get(slot));
    }

    /** Who is to replace the slot's member; null where nobody is. */
    public @Nullable Member replacement(int slot) {
        return live(replacements.get(slot));
    }

    private static @Nullable Member live(@Nullable Member member) {
        return member != null && !member.isFaulty() ? member : null;
    }

    /** The member of a slot if it holds everything; null where it is missing, faulty or being rebuilt. */
    public @Nullable Member inSync(int slot) {
        Member member = slots.get(slot);
        return member != null && member.inSync() ? member : null;
    }

    /** The member of a slot if it can be asked for all stripes below {@code endStripeSector}; null otherwise. */
    public @Nullable Member readable(int slot, long endStripeSector) {
        Member member = slots.get(slot);
        return member != null && member.holdsUpTo(endStripeSector) ? member : null;
    }

    /** Everybody who must have what is written to a slot. */
    public List<Member> writable(int slot) {
        // In this order: a replacement that has left its place by now is found as the slot's member.
        Member replacement = replacement(slot);
        Member member = member(slot);
        if (replacement == null || replacement == member) {
            return member == null ? List.of() : List.of(member);
        }
        return member == null ? List.of(replacement) : List.of(member, replacement);
    }

    /** Everybody who is written to, in slot order. */
    public List<Member> writable() {
        List<Member> members = new ArrayList<>(size());
        for (int slot = 0; slot < size(); slot++) {
            members.addAll(writable(slot));
        }
        return members;
    }

    /** How many slots have no member in sync. */
    public int degraded() {
        int degraded = 0;
        for (int slot = 0; slot < size(); slot++) {
            degraded += inSync(slot) == null ? 1 : 0;
        }
        return degraded;
    }

    /** A device is to become the member of a slot that has none, or to replace the one that is there. */
    public void join(Member joining, boolean replacement) {
        try (RankedLock.Held _ = lock.acquire()) {
            boolean beside = replacement && member(joining.slot()) != null;
            AtomicReferenceArray<@Nullable Member> places = beside ? replacements : slots;
            if (live(places.get(joining.slot())) != null) {
                throw new IllegalStateException("slot " + joining.slot() + " is taken");
            }
            places.set(joining.slot(), joining);
        }
    }

    /** The member or replacement with this device number where it has not failed; null where there is none. */
    public @Nullable Member byNumber(int deviceNumber) {
        for (Member member : writable()) {
            if (member.deviceNumber() == deviceNumber) {
                return member;
            }
        }
        return null;
    }

    /** True where the array can go on without this member. */
    public boolean canSpare(Member member) {
        if (!member.inSync() || inSync(member.slot()) != member) {
            return true;
        }
        Member replacement = replacement(member.slot());
        return degraded() < parityCount || (replacement != null && replacement.inSync());
    }

    /**
     * Takes note that a write to or flush of {@code member} failed, or that it is to be left out for another reason;
     * returns once that is on record.
     *
     * @throws IOException where the array can't do without it, or where the failure could not be recorded; the array is
     *     broken then
     */
    public void failed(Member member, IOException cause) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            requireSound();
            if (member.isFaulty()) {
                return;
            }
            if (DeviceException.isHostOutOfSpace(cause)) {
                // The member has not failed, and other members may lie on the same file system: nothing is recorded.
                throw breakWith(member.name(), "the host has no room: " + cause.getMessage(), cause);
            }
            if (!canSpare(member)) {
                throw breakWith(member.name(), "the array cannot lose another member: " + cause.getMessage(), cause);
            }
            boolean wasInSync = member.inSync();
            leaveOut(member);
            failureRecord.tell(ArrayEvent.of(
                    wasInSync ? "Fail" : "FailSpare",
                    Severity.CRITICAL,
                    member.name(),
                    member.name() + " (slot " + member.slot() + ") is left out from now on: " + cause.getMessage()
                            + "; " + whatIsLeft()));
        }
    }

    /**
     * A replacement holds everything that this member holds: it has the slot from now on, and the member is recorded as
     * one that is not used any more. That is no failure.
     *
     * @throws IOException as {@link #failed}
     */
    public void replaced(Member member) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            requireSound();
            Member replacement = replacement(member.slot());
            if (member.isFaulty() || replacement == null || !replacement.inSync()) {
                return;
            }
            leaveOut(member);
            LOG.info("{} (slot {}) was replaced by {}", member.name(), member.slot(), replacement.name());
        }
    }

    private String whatIsLeft() {
        int more = parityCount - degraded();
        return degraded() == 0
                ? "the array is not degraded"
                : "the array is degraded and survives " + (more <= 0 ? "no further failure" : more + " more");
    }

    private void leaveOut(Member member) throws IOException {
        // Recording one failure may bring another to light, which is recorded within; the outer one is not through
        // then.
        boolean outermost = !recording;
        recording = true;
        passOver(member);
        try {
            failureRecord.recordFailure(member);
        } catch (IOException e) {
            throw breakWith(
                    member.name(), "the failure of " + member.name() + " could not be recorded: " + e.getMessage(), e);
        } finally {
            recording = !outermost;
        }
    }

    /**
     * Takes note that a member can neither give nor take some blocks any more. They are put on its bad-block log,
     * durably, where it has one with room; else it has failed. Either way nobody takes what it holds there for data any
     * more when this returns.
     *
     * @param memberOffsetBytes from the start of the member's data; whole blocks
     * @param cause why the blocks could not be written, or read back
     * @throws IOException as {@link #failed}
     */
    public void failedBlocks(Member member, long memberOffsetBytes, long lengthBytes, IOException cause)
            throws IOException {
        requireSound();
        if (NoSpaceException.findIn(cause) != null) {
            LOG.warn("{} (slot {}): a block was not put back: {}", member.name(), member.slot(), cause.getMessage());
            return;
        }
        member.refusesRewrites();
        if (!member.noteBad(memberOffsetBytes, lengthBytes)) {
            failed(member, cause);
            return;
        }
        try {
            failureRecord.recordBadBlocks();
        } catch (IOException e) {
            failed(member, e);
            return;
        }
        awaitRecords();
        failureRecord.tell(ArrayEvent.of(
                "BadBlocks",
                Severity.WARNING,
                member.name(),
                member.name() + " (slot " + member.slot() + "): " + cause.getMessage() + "; recorded as bad"));
    }

    /** Returns once what members have noted as bad is on their bad-block logs, durably. */
    public void recordListed() throws IOException {
        requireSound();
        failureRecord.recordBadBlocks();
        awaitRecords();
    }

    /** True where the log of any member or replacement lists a part of these bytes. */
    public boolean knowBad(long memberOffsetBytes, long lengthBytes) {
        return writable().stream().anyMatch(member -> member.knowsBad(memberOffsetBytes, lengthBytes));
    }

    /** True where nobody can be asked for any of these stripes of a slot, or not for all of them. */
    public boolean isLost(int slot, long fromStripeSector, long endStripeSector) {
        Member member = readable(slot, endStripeSector);
        return member == null
                || member.knowsBad(
                        Sectors.toBytes(fromStripeSector), Sectors.toBytes(endStripeSector - fromStripeSector));
    }

    /** How many slots can't be asked for all of these stripes: {@link #isLost}. */
    public int lostSlots(long fromStripeSector, long endStripeSector) {
        int lost = 0;
        for (int slot = 0; slot < size(); slot++) {
            lost += isLost(slot, fromStripeSector, endStripeSector) ? 1 : 0;
        }
        return lost;
    }

    /** Where a replacement stands beside it, that one has the slot from now on. */
    private void passOver(Member member) {
        int slot = member.slot();
        member.fail();
        if (replacements.get(slot) == member) {
            replacements.set(slot, null);
        } else if (slots.get(slot) == member) {
            Member replacement = replacement(slot);
            // First in its new place, so that nobody who writes misses it.
            slots.set(slot, replacement == null ? member : replacement);
            replacements.set(slot, null);
        }
    }

    private IOException breakWith(String device, String message, IOException cause) {
        IOException failure = new IOException(message, cause);
        broken = failure;
        failureRecord.tell(
                ArrayEvent.of("ArrayBroken", Severity.CRITICAL, device, message + "; nothing is written any more"));
        return failure;
    }

    /** Why nothing is written any more; empty where the array is not broken. */
    public String whyBroken() {
        IOException cause = broken;
        return cause == null ? "" : String.valueOf(cause.getMessage());
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
            try (RankedLock.Held _ = lock.acquire()) {
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
        List<Member> live = writable();
        List<CompletableFuture<@Nullable DeviceException>> flushes = new ArrayList<>(live.size());
        for (Member member : live) {
            flushes.add(CompletableFuture.supplyAsync(() -> flushOne(member), executor));
        }
        NoSpaceException noSpace = null;
        for (int i = 0; i < live.size(); i++) {
            DeviceException cause = flushes.get(i).join();
            if (cause instanceof NoSpaceException lack) {
                noSpace = lack;
            } else if (cause != null) {
                failed(live.get(i), cause);
            }
        }
        if (noSpace != null) {
            throw noSpace;
        }
        // A block that is listed and has been overwritten may hold all that is left of what a flush promises.
        for (Member member : live) {
            if (!member.isFaulty() && !member.badBlocks().isStored()) {
                failureRecord.recordBadBlocks();
                break;
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

package io.mdfuse.raid.member;

import io.mdfuse.device.Sectors;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.statistics.DeviceTraffic;
import io.mdfuse.raid.statistics.MemberFigures;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The members of an array: which device of a slot is read, which devices are written, what an error of a device means,
 * and the flush of all.
 *
 * <pre>
 *   of a slot        is read                     is written   counts as degraded
 *   member in sync   everywhere                  everywhere   no
 *   rebuilding       below its recovered sector  everywhere   yes
 *   replacement      not                         everywhere   (the member counts)
 *   faulty, none     not                         not          yes
 * </pre>
 *
 * This class is what other packages use. The devices of the slots are in {@link SlotTable}, the decision what a failure
 * means in {@link MemberFailures}, the flush in {@link MemberFlush}.
 *
 * <p>Thread-safe. The methods that answer a question take no lock; a change and the record of a failure hold the lock
 * of rank {@code MEMBER_SET}.
 */
public final class MemberSet {
    /** Stands for any thread but the caller's. */
    private static final Thread ANOTHER_THREAD = new Thread();

    private final RankedLock lock = new RankedLock(LockRank.MEMBER_SET);
    private final SlotTable slots;
    private final MemberFailures failures;
    private final MemberFlush memberFlush;
    private final Executor executor;

    /**
     * Takes the members as they were found.
     *
     * @param members the member of each slot; null if the slot has none
     * @param parityCount how many members the layout can lose
     * @param failureRecord records failures durably
     * @param executor runs the flushes of the members side by side, and transfers with members that wait for each
     */
    public MemberSet(
            List<? extends @Nullable Member> members, int parityCount, FailureRecord failureRecord, Executor executor) {
        this.slots = new SlotTable(members);
        this.failures = new MemberFailures(slots, parityCount, failureRecord, lock);
        this.executor = executor;
        this.memberFlush = new MemberFlush(slots, failures, failureRecord, executor);
    }

    /** How many slots there are, including those without a member. */
    public int size() {
        return slots.size();
    }

    /** The slot's own member if it has not failed, in sync or not; null if the slot has none. */
    public @Nullable Member member(int slot) {
        return slots.member(slot);
    }

    /** The device that is rebuilt beside the slot's member, to take its slot; null if there is none. */
    public @Nullable Member replacement(int slot) {
        return slots.replacement(slot);
    }

    /** The member of a slot if it holds everything; null if it is missing, faulty or being rebuilt. */
    public @Nullable Member inSync(int slot) {
        return slots.inSync(slot);
    }

    /** The member of a slot if it holds all stripes below {@code endStripeSector}; otherwise null. */
    public @Nullable Member readable(int slot, long endStripeSector) {
        return slots.readable(slot, endStripeSector);
    }

    /** All devices that must get what is written to a slot: its member and its replacement. */
    public List<Member> writable(int slot) {
        return slots.writable(slot);
    }

    /** All devices that are written, in slot order. */
    public List<Member> writable() {
        return slots.writable();
    }

    /** What each device that is in use has read and written since it joined, in slot order. */
    public List<MemberFigures> figures() {
        return writable().stream()
                .map(member -> member.traffic().figures(member.slot(), member.name()))
                .toList();
    }

    /** The bytes written to the data areas of all members since the opening, those included that have left. */
    public long allWrittenBytes() {
        return slots.traffic().stream()
                .mapToLong(DeviceTraffic::allWrittenBytes)
                .sum();
    }

    /** The bytes of these that resyncs, rebuilds and the healing of blocks have written. */
    public long passWrittenBytes() {
        return slots.traffic().stream()
                .mapToLong(DeviceTraffic::passWrittenBytes)
                .sum();
    }

    /** How many slots have no member in sync. */
    public int degraded() {
        return slots.degraded();
    }

    /** The member or replacement with this device number, if it has not failed; otherwise null. */
    public @Nullable Member byNumber(int deviceNumber) {
        for (Member member : writable()) {
            if (member.deviceNumber() == deviceNumber) {
                return member;
            }
        }
        return null;
    }

    /** Whether the bad-block log of any member or replacement lists a part of these bytes. */
    public boolean anyListsBad(long memberOffsetBytes, long lengthBytes) {
        return writable().stream().anyMatch(member -> member.listsBad(memberOffsetBytes, lengthBytes));
    }

    /** Whether a slot is lost in this range: its member does not hold all of the stripes, or lists a block of them. */
    public boolean isLost(int slot, long fromStripeSector, long endStripeSector) {
        Member member = readable(slot, endStripeSector);
        return member == null
                || member.listsBad(
                        Sectors.toBytes(fromStripeSector), Sectors.toBytes(endStripeSector - fromStripeSector));
    }

    /** How many slots are lost in this range: {@link #isLost}. */
    public int lostSlots(long fromStripeSector, long endStripeSector) {
        int lost = 0;
        for (int slot = 0; slot < size(); slot++) {
            lost += isLost(slot, fromStripeSector, endStripeSector) ? 1 : 0;
        }
        return lost;
    }

    /**
     * Makes a device the member of a slot.
     *
     * @param replacement rebuild the device beside the slot's member, if the slot has one
     * @throws IllegalStateException if the place is taken
     */
    public void join(Member joining, boolean replacement) {
        try (RankedLock.Held _ = lock.acquire()) {
            slots.join(joining, replacement);
        }
    }

    /** Whether any member's transfers wait for a server, so that {@link #sideBySide} saves time. */
    public boolean waitForTransfers() {
        return slots.waitForTransfers();
    }

    /** Whether memory may be given to {@link #sideBySide}: that of a confined arena is for its own thread only. */
    public static boolean isForAllThreads(MemorySegment memory) {
        return memory.isAccessibleBy(ANOTHER_THREAD);
    }

    /**
     * Makes transfers of one request at the same time, by several threads; returns once all have ended. Their memory
     * must be {@linkplain #isForAllThreads for all threads}.
     *
     * @throws IOException what the first of them threw; the others were made nevertheless
     */
    public void sideBySide(List<Transfers> transfers) throws IOException {
        if (!transfers.isEmpty()) {
            SideBySide.run(executor, transfers);
        }
    }

    /** Whether the array can go on without this member. */
    public boolean survivesWithout(Member member) {
        return failures.survivesWithout(member);
    }

    /**
     * Leaves {@code member} out, because a write or flush of it failed or for another reason, and returns once that is
     * recorded. No effect if the member has failed before.
     *
     * @throws IOException if the array can't do without the member, or the failure could not be recorded: the array is
     *     broken then
     */
    public void failed(Member member, IOException cause) throws IOException {
        failures.failed(member, cause);
    }

    /**
     * Gives the slot of {@code member} to its replacement, which holds everything that the member holds. The
     * superblocks record that the member is not used any more. That is no failure.
     *
     * @throws IOException as {@link #failed}
     */
    public void replaced(Member member) throws IOException {
        failures.replaced(member);
    }

    /**
     * Called when a member can neither give nor take some blocks. If its bad-block log has room, the blocks are listed
     * there, durably; otherwise the member has failed. In either case what the member contains there is not taken for
     * data any more when this returns.
     *
     * @param memberOffsetBytes from the start of the member's data; whole blocks
     * @param cause why the blocks could not be written, or read back
     * @throws IOException as {@link #failed}
     */
    public void failedBlocks(Member member, long memberOffsetBytes, long lengthBytes, IOException cause)
            throws IOException {
        failures.failedBlocks(member, memberOffsetBytes, lengthBytes, cause);
    }

    /** Waits until the members' bad-block logs on the devices list all blocks that are known as bad in memory. */
    public void recordBadBlocks() throws IOException {
        failures.recordBadBlocks();
    }

    /** Why nothing is written any more; empty if the array is not broken. */
    public String whyBroken() {
        IOException cause = failures.whyBroken();
        return cause == null ? "" : String.valueOf(cause.getMessage());
    }

    /** Whether nothing is written any more. Stripes may be half written then, so no block may be solved. */
    public boolean isBroken() {
        return failures.whyBroken() != null;
    }

    /** Throws if the array is broken. */
    public void requireSound() throws IOException {
        failures.requireSound();
    }

    /**
     * Waits until every failure for which a member was left out is recorded. Call before acknowledging any write: after
     * a crash the next mount must not trust a member that missed it.
     *
     * @throws IOException if the array is broken
     */
    public void awaitRecords() throws IOException {
        failures.awaitRecords();
    }

    /**
     * Makes everything that was written to any member before this call durable. One round of flushes serves all callers
     * that wait.
     *
     * @throws IOException if the array is broken, or the host of a member has no space
     */
    public void flush() throws IOException {
        memberFlush.run();
    }
}

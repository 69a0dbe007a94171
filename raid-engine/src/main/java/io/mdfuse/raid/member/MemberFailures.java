package io.mdfuse.raid.member;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.lock.RankedLock;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what an error of a member means for the array, and has it recorded before anything relies on it.
 *
 * <pre>
 *                    failed(): redundancy is left, or the member was not in sync
 *   SOUND ────────────────────────────────────────────▶ SOUND, one member fewer
 *     │      faulty at once; on the survivors' superblocks before a request that left it out is acknowledged
 *     │
 *     └── failed(): no redundancy is left, or no survivor takes the record ──▶ BROKEN, for good
 * </pre>
 *
 * A member whose write or flush failed is stale from then on and must never be trusted again. So the request that met
 * the failure, and every other request that leaves the member out, waits until the failure is recorded
 * ({@link #awaitRecords}). This applies to a member that is being rebuilt too: the next mount trusts it up to its
 * recovery offset.
 *
 * <p>A block that a member can neither give nor take costs only that block if the member has a bad-block log:
 * {@link #failedBlocks}.
 *
 * <p>In BROKEN the members stay as they are, since a later mount may still read what they contain. Nothing is written
 * any more, and no flush succeeds: the write that failed may have lost acknowledged bytes, and a later flush that
 * succeeded would deny that.
 */
final class MemberFailures {
    private static final Logger LOG = LoggerFactory.getLogger(MemberFailures.class);

    private final SlotTable slots;
    private final int parityCount;
    private final FailureRecord failureRecord;
    private final RankedLock lock;

    /** True from just before a member is left out until that is recorded. */
    private volatile boolean recording;

    private volatile @Nullable IOException broken;

    /**
     * Starts as SOUND.
     *
     * @param parityCount how many members the layout can lose
     * @param lock of rank {@code MEMBER_SET}; held while a failure is recorded
     */
    MemberFailures(SlotTable slots, int parityCount, FailureRecord failureRecord, RankedLock lock) {
        this.slots = slots;
        this.parityCount = parityCount;
        this.failureRecord = failureRecord;
        this.lock = lock;
    }

    /** {@link MemberSet#survivesWithout}. */
    boolean survivesWithout(Member member) {
        if (!member.inSync() || slots.inSync(member.slot()) != member) {
            return true;
        }
        Member replacement = slots.replacement(member.slot());
        return slots.degraded() < parityCount || (replacement != null && replacement.inSync());
    }

    /** {@link MemberSet#failed}. */
    void failed(Member member, IOException cause) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            requireSound();
            if (member.isFaulty()) {
                return;
            }
            if (DeviceException.isHostOutOfSpace(cause)) {
                // The member has not failed, and other members may lie on the same file system: nothing is recorded.
                throw breakWith(member.name(), "the host has no room: " + cause.getMessage(), cause);
            }
            if (!survivesWithout(member)) {
                throw breakWith(member.name(), "the array cannot lose another member: " + cause.getMessage(), cause);
            }
            boolean wasInSync = member.inSync();
            leaveOut(member);
            failureRecord.report(ArrayEvent.of(
                    wasInSync ? "Fail" : "FailSpare",
                    Severity.CRITICAL,
                    member.name(),
                    member.name() + " (slot " + member.slot() + ") is left out from now on: " + cause.getMessage()
                            + "; " + whatIsLeft()));
        }
    }

    /** {@link MemberSet#replaced}. */
    void replaced(Member member) throws IOException {
        try (RankedLock.Held _ = lock.acquire()) {
            requireSound();
            Member replacement = slots.replacement(member.slot());
            if (member.isFaulty() || replacement == null || !replacement.inSync()) {
                return;
            }
            leaveOut(member);
            LOG.info("{} (slot {}) was replaced by {}", member.name(), member.slot(), replacement.name());
        }
    }

    private String whatIsLeft() {
        int more = parityCount - slots.degraded();
        return slots.degraded() == 0
                ? "the array is not degraded"
                : "the array is degraded and survives " + (more <= 0 ? "no further failure" : more + " more");
    }

    private void leaveOut(Member member) throws IOException {
        // Recording one failure may find another, which is recorded within this call. Only the outermost call ends the
        // recording.
        boolean outermost = !recording;
        recording = true;
        slots.leaveOut(member);
        try {
            failureRecord.recordFailure(member);
        } catch (IOException e) {
            throw breakWith(
                    member.name(), "the failure of " + member.name() + " could not be recorded: " + e.getMessage(), e);
        } finally {
            recording = !outermost;
        }
    }

    /** {@link MemberSet#failedBlocks}. */
    void failedBlocks(Member member, long memberOffsetBytes, long lengthBytes, IOException cause) throws IOException {
        requireSound();
        if (NoSpaceException.findIn(cause) != null) {
            LOG.warn("{} (slot {}): a block was not put back: {}", member.name(), member.slot(), cause.getMessage());
            return;
        }
        member.refuseRewrites();
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
        failureRecord.report(ArrayEvent.of(
                "BadBlocks",
                Severity.WARNING,
                member.name(),
                member.name() + " (slot " + member.slot() + "): " + cause.getMessage() + "; recorded as bad"));
    }

    /** {@link MemberSet#recordBadBlocks}. */
    void recordBadBlocks() throws IOException {
        requireSound();
        failureRecord.recordBadBlocks();
        awaitRecords();
    }

    private IOException breakWith(String device, String message, IOException cause) {
        IOException failure = new IOException(message, cause);
        broken = failure;
        failureRecord.report(
                ArrayEvent.of("ArrayBroken", Severity.CRITICAL, device, message + "; nothing is written any more"));
        return failure;
    }

    /** Returns null while the array is sound. */
    @Nullable
    IOException whyBroken() {
        return broken;
    }

    /** {@link MemberSet#requireSound}. */
    void requireSound() throws IOException {
        IOException cause = broken;
        if (cause != null) {
            throw new IOException("no more writes: " + cause.getMessage(), cause);
        }
    }

    /** {@link MemberSet#awaitRecords}. */
    void awaitRecords() throws IOException {
        if (recording) {
            try (RankedLock.Held _ = lock.acquire()) {
                requireSound();
            }
        } else {
            requireSound();
        }
    }
}

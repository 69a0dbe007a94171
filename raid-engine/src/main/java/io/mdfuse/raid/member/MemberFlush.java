package io.mdfuse.raid.member;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Flushes all members at once; one round serves all callers that wait ({@link GroupFlush}). */
final class MemberFlush {
    private final SlotTable slots;
    private final MemberFailures failures;
    private final FailureRecord failureRecord;
    private final Executor executor;
    private final GroupFlush groupFlush = new GroupFlush(this::flushEach);

    /** @param executor runs the flushes of the members side by side */
    MemberFlush(SlotTable slots, MemberFailures failures, FailureRecord failureRecord, Executor executor) {
        this.slots = slots;
        this.failures = failures;
        this.failureRecord = failureRecord;
        this.executor = executor;
    }

    /** {@link MemberSet#flush}. */
    void run() throws IOException {
        failures.requireSound();
        groupFlush.await();
        failures.awaitRecords();
    }

    private void flushEach() throws IOException {
        List<Member> live = slots.writable();
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
                failures.failed(live.get(i), cause);
            }
        }
        if (noSpace != null) {
            throw noSpace;
        }
        // A listed block that has been overwritten may contain all that is left of what a flush promises, so its entry
        // must be gone from the log on the device.
        for (Member member : live) {
            if (!member.isFaulty() && !member.badBlocks().isStored()) {
                failureRecord.recordBadBlocks();
                break;
            }
        }
    }

    /** Returns null if the flush has succeeded. */
    private static @Nullable DeviceException flushOne(Member member) {
        try {
            member.flush();
            return null;
        } catch (DeviceException e) {
            return e;
        }
    }
}

package io.mdfuse.raid.sync;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.UntouchedMemory;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Parity that was found wrong and is to be written: collected first, then written to each member in ascending order,
 * all members at the same time. A disk that is read and written in turns moves its head twice for each write;
 * collected, the writes take one movement each, and the reads go on in long runs.
 *
 * <p>The collected parity is right only as long as the lease is held under which it was made: a request that follows
 * may change the stripe. So {@link #write} demands that lease, and a lease must not end before {@link #write} or
 * {@link #discard}.
 *
 * <p>Used by the one thread that makes the pass; the writes themselves are tasks of the executor, which have ended when
 * {@link #write} returns.
 */
final class ParityWrites {
    private record Write(int slot, long memberOffsetBytes, MemorySegment content) {}

    private record Failure(Member member, DeviceException cause) {}

    private final MemberSet members;
    private final Executor executor;
    private final MemorySegment buffer;
    private final List<Write> writes = new ArrayList<>();
    private long usedBytes;

    /**
     * Allocates the memory.
     *
     * @param arena frees the memory; it must admit all threads
     * @param capacityBytes how much can be collected
     * @param executor writes to the members at the same time
     */
    ParityWrites(Arena arena, MemberSet members, long capacityBytes, Executor executor) {
        this.members = members;
        this.executor = executor;
        this.buffer = UntouchedMemory.allocate(arena, capacityBytes);
    }

    /** Adds a copy of the content; if there is no space left for it, all that was collected is written first. */
    void add(StripeLocks.Lease lease, int slot, long memberOffsetBytes, MemorySegment content) throws IOException {
        if (usedBytes + content.byteSize() > buffer.byteSize()) {
            write(lease);
        }
        MemorySegment copy = buffer.asSlice(usedBytes, content.byteSize()).copyFrom(content);
        usedBytes += content.byteSize();
        writes.add(new Write(slot, memberOffsetBytes, copy));
    }

    boolean isEmpty() {
        return writes.isEmpty();
    }

    /** Forgets what was not written. */
    void discard() {
        writes.clear();
        usedBytes = 0;
    }

    /**
     * Writes what was collected, and forgets it.
     *
     * @param lease covers all of the stripes
     * @throws NoSpaceException if the host has no space; some of the parity may be written
     * @throws IOException if a member failed that the array can't do without
     */
    void write(StripeLocks.Lease lease) throws IOException {
        for (Write write : writes) {
            lease.require(StripeRange.coveringBytes(
                    write.memberOffsetBytes(), write.content().byteSize()));
        }
        List<CompletableFuture<@Nullable Failure>> tasks = new ArrayList<>();
        for (int slot = 0; slot < members.size(); slot++) {
            List<Write> own = ofSlot(slot);
            for (Member member : own.isEmpty() ? List.<Member>of() : members.writable(slot)) {
                tasks.add(CompletableFuture.supplyAsync(() -> write(member, own), executor));
            }
        }
        // Waits for all of them, also if the first has failed.
        List<@Nullable Failure> failures = new ArrayList<>();
        tasks.forEach(task -> failures.add(task.join()));
        discard();
        report(failures);
    }

    private List<Write> ofSlot(int slot) {
        return writes.stream().filter(write -> write.slot() == slot).toList();
    }

    private static @Nullable Failure write(Member member, List<Write> own) {
        try {
            for (Write write : own) {
                member.reserve(write.memberOffsetBytes(), write.content().byteSize());
                member.writeByPass(write.memberOffsetBytes(), write.content());
            }
            return null;
        } catch (DeviceException e) {
            return new Failure(member, e);
        }
    }

    private void report(List<@Nullable Failure> failures) throws IOException {
        NoSpaceException noSpace = null;
        for (Failure failure : failures) {
            if (failure != null && failure.cause() instanceof NoSpaceException e) {
                noSpace = e;
            } else if (failure != null) {
                members.failed(failure.member(), failure.cause());
            }
        }
        if (noSpace != null) {
            throw noSpace;
        }
    }
}

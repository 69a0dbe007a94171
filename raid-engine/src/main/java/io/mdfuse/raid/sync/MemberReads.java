package io.mdfuse.raid.sync;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.UntouchedMemory;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A buffer for each slot, and the reads that fill them from the members, all members at the same time. So a pass waits
 * for the slowest member, not for one after the other.
 *
 * <p>Used by one thread, whose lease covers the stripes that it reads. The reads are tasks of the executor, and each
 * has ended when {@link #read} returns.
 */
final class MemberReads {
    private final MemberSet members;
    private final Executor executor;
    private final MemorySegment buffers;
    private final long bytesPerSlot;

    /**
     * Allocates the buffers.
     *
     * @param arena frees the buffers; it must admit all threads
     * @param bytesPerSlot the most bytes of each member that are read at once
     * @param executor runs the reads
     */
    MemberReads(Arena arena, MemberSet members, long bytesPerSlot, Executor executor) {
        this.members = members;
        this.executor = executor;
        this.bytesPerSlot = bytesPerSlot;
        this.buffers = UntouchedMemory.allocate(arena, bytesPerSlot * members.size());
    }

    /**
     * Reads the same stripes of some slots.
     *
     * @return false if a slot has no member that holds all of the stripes, or a member can't read some of them; the
     *     content of the buffers is undefined then
     */
    boolean read(BitSet slots, StripeRange range) {
        List<CompletableFuture<Boolean>> reads = new ArrayList<>();
        for (int slot = slots.nextSetBit(0); slot >= 0; slot = slots.nextSetBit(slot + 1)) {
            Member member = members.readable(slot, range.endSector());
            MemorySegment target = slot(slot, 0, range.bytesPerSlot());
            reads.add(CompletableFuture.supplyAsync(() -> read(member, range.memberOffsetBytes(), target), executor));
        }
        // Waits for all of them, also if the first has failed.
        return reads.stream().map(CompletableFuture::join).toList().stream().allMatch(Boolean::booleanValue);
    }

    private static boolean read(@Nullable Member member, long offsetBytes, MemorySegment target) {
        if (member == null) {
            return false;
        }
        try {
            member.read(offsetBytes, target);
            return true;
        } catch (DeviceException e) {
            return false;
        }
    }

    /** A part of what was read of a slot; {@code fromBytes} counts from the first stripe that was read. */
    MemorySegment slot(int slot, long fromBytes, long lengthBytes) {
        return buffers.asSlice(bytesPerSlot * slot + fromBytes, lengthBytes);
    }
}

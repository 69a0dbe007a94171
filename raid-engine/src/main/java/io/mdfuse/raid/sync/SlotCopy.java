package io.mdfuse.raid.sync;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.UntouchedMemory;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.BlockLostException;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.StripeReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;

/**
 * Copies the content of a slot to the device that is rebuilt for it. It lives apart from {@link Rebuild}, which decides
 * what is copied and stores the progress.
 *
 * <p>A range is copied window by window, and while windows are written, the next ones are read and solved. So that the
 * target has no pause between two writes, several may be queued, as many as there are buffers:
 *
 * <pre>
 *   members   read 1 │ read 2 │ read 3 │ wait for 1 │ read 4 │ wait for 2 │
 *   target           │ write 1             │ write 2                │ write 3
 *   position         0                     1                        2
 * </pre>
 *
 * The position moves over a window after its write has returned and the pass has waited for it, and the lease on the
 * whole range is held until the last write has returned. So no request sees a stripe between the two.
 *
 * <p>A window that can't be read straight away is copied chunk row by chunk row, by {@link StripeReader}, which heals
 * and solves block by block; nothing is written behind then.
 *
 * <p>Used by the one thread that makes the pass.
 */
final class SlotCopy implements AutoCloseable {
    /** How much is read, solved and written at once. */
    static final int WINDOW_BYTES = 512 * 1024;

    /** How many windows have a buffer: one that is read, and those whose writes are queued. */
    private static final int WINDOWS = 4;

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final ArrayEvents events;
    private final StripeReader stripeReader;
    private final Member target;
    private final WriteBehind writeBehind;
    private final Arena arena = Arena.ofShared();
    private final int windowBytes;
    private final SlotContent content;
    private final MemorySegment windows;

    SlotCopy(PassParts parts, StripeReader stripeReader, Member target, Executor executor) {
        this.geometry = parts.geometry();
        this.members = parts.members();
        this.events = parts.events();
        this.stripeReader = stripeReader;
        this.target = target;
        this.writeBehind = new WriteBehind(target, executor);
        this.windowBytes = (int) Math.min(WINDOW_BYTES, Sectors.toBytes(geometry.memberSectors()));
        this.content = new SlotContent(arena, parts, stripeReader, target.slot(), windowBytes, executor);
        this.windows = UntouchedMemory.allocate(arena, (long) WINDOWS * windowBytes);
    }

    /**
     * Copies the slot in a range. Ends early if the target fails.
     *
     * @param lease covers the range
     * @param reached is told the end of the stripes that are on the target, each time it moves
     * @throws NoSpaceException if the target's host has no space
     * @throws BlockLostException if a block is lost, and the target can't list it as bad
     */
    void copy(StripeLocks.Lease lease, StripeRange range, LongConsumer reached) throws IOException {
        lease.require(range);
        try {
            int turn = 0;
            for (StripeRange window : range.split(windowBytes / Sectors.BLOCK_BYTES)) {
                endWritesUntil(WINDOWS - 1, reached);
                MemorySegment buffer = windows.asSlice((long) turn * windowBytes, window.bytesPerSlot());
                boolean straight = content.read(lease, window, buffer);
                if (!straight) {
                    endWritesUntil(0, reached);
                }
                if (target.isFaulty()) {
                    return;
                }
                members.requireSound();
                if (straight) {
                    writeBehind.start(window, buffer);
                    turn = (turn + 1) % WINDOWS;
                } else {
                    copyByRow(lease, window, buffer, reached);
                }
            }
            endWritesUntil(0, reached);
        } finally {
            // After an exception writes may still be in progress. They count as not made.
            writeBehind.awaitAll();
        }
    }

    /** Waits for writes, the first one first, until only so many are queued; moves the position over each. */
    private void endWritesUntil(int queued, LongConsumer reached) throws IOException {
        while (writeBehind.queued() > queued && !target.isFaulty()) {
            WriteBehind.Ended ended = writeBehind.awaitFirst();
            if (ended.failure() != null) {
                failed(ended.failure());
            } else if (!target.isFaulty()) {
                reached.accept(ended.stripes().endSector());
            }
        }
    }

    private void failed(DeviceException cause) throws IOException {
        if (cause instanceof NoSpaceException) {
            throw cause;
        }
        members.failed(target, cause);
    }

    private void copyByRow(StripeLocks.Lease lease, StripeRange range, MemorySegment buffer, LongConsumer reached)
            throws IOException {
        for (long at = range.fromSector(); at < range.endSector() && !target.isFaulty(); ) {
            long end = Math.min(geometry.endInRow(at, WINDOW_BYTES), range.endSector());
            StripeRange part = new StripeRange(at, end);
            try {
                copyNow(lease, part, buffer);
            } catch (BlockLostException e) {
                if (!target.badBlocks().hasLog()) {
                    throw e;
                }
                copyAllButLostBlocks(lease, part, buffer);
            }
            if (!target.isFaulty()) {
                reached.accept(end);
            }
            at = end;
        }
    }

    private void copyNow(StripeLocks.Lease lease, StripeRange range, MemorySegment buffer) throws IOException {
        MemorySegment block = buffer.asSlice(0, range.bytesPerSlot());
        stripeReader.read(lease, target.slot(), range.memberOffsetBytes(), block);
        members.requireSound();
        writeBehind.start(range, block);
        DeviceException failure = writeBehind.awaitFirst().failure();
        if (failure != null) {
            failed(failure);
        }
    }

    /**
     * Lists lost blocks as bad on the target, as md does, and rebuilds all others. The list reaches the disk before the
     * progress that passes the block: both are in one update of the superblocks, the list first.
     */
    private void copyAllButLostBlocks(StripeLocks.Lease lease, StripeRange range, MemorySegment buffer)
            throws IOException {
        for (StripeRange stripe : range.split(1)) {
            try {
                copyNow(lease, stripe, buffer);
            } catch (BlockLostException e) {
                members.requireSound();
                if (!target.noteBad(stripe.memberOffsetBytes(), Sectors.BLOCK_BYTES)) {
                    throw e;
                }
                events.emit(ArrayEvent.of(
                        "BadBlocks",
                        Severity.WARNING,
                        target.name(),
                        e.getMessage() + "; the block at sector " + stripe.fromSector() + " is listed as bad on "
                                + target.name()));
            }
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}

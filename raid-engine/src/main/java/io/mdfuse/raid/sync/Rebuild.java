package io.mdfuse.raid.sync;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvent.Severity;
import io.mdfuse.raid.event.ArrayEvents;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.BlockLostException;
import io.mdfuse.raid.stripe.DirtyRegions;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.stripe.StripeReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a member the content of its slot, range by range in ascending order, while the array is in use: md's recovery.
 * The content comes from the slot's own member where the target is to replace that, and is solved from the others where
 * there is none or it can't be read. Of a former member only those regions are passed that it may lack; all others it
 * holds.
 *
 * <pre>
 *   WAITING ──run()──▶ RUNNING ──all passed──▶ DONE        (in sync, and the superblocks say so)
 *                        │ stop()
 *                        ├──────────────────▶ STOPPED     (how far it came is in the superblocks)
 *                        ├─ target fails ────▶ FAILED      (it is left out; a spare may be next)
 *                        └─ a block is lost ─▶ STUCK       (how far it came is in the superblocks)
 * </pre>
 *
 * A block is lost where neither the slot's member nor all others can give it. Where the target has a bad-block log with
 * room the block is listed there, and the rebuild goes on.
 *
 * <p>A write sees either a stripe that was passed, whose block the target holds, or one that was not, for which the
 * slot counts as lost. In both cases the target is written too, so the position may move on over stripes that were
 * written meanwhile.
 *
 * <p>Blocks that are cached for write-back are in memory only. On the members data and parity still belong together, so
 * old content is what is solved here; write-out later changes target and parity like any others.
 *
 * <p>Each progress record promises that everything below it is on the target's medium: the store flushes all devices
 * first.
 */
public final class Rebuild implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Rebuild.class);

    private static final int RANGE_BYTES = 256 * 1024;
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(5);

    /** Also so many progress records are written in all, as md has it. */
    private static final int CHECKPOINTS = 16;

    /** Where progress is kept, and what happens at the end. */
    public interface Progress {
        /** Stores durably that all stripes below this one are on the target. */
        void store(Member target, long stripeSector) throws IOException;

        /** The target holds everything, flushed: from here on it is a member like any other. */
        void complete(Member target) throws IOException;

        /** The rebuild has ended, in whatever way. */
        void ended(Rebuild rebuild);
    }

    /** How a rebuild ended, or that it has not. */
    public enum State {
        WAITING,
        RUNNING,
        DONE,
        STOPPED,
        FAILED,
        STUCK
    }

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final StripeLocks locks;
    private final StripeReader stripeReader;
    private final Member target;
    private final @Nullable DirtyRegions lacking;
    private final Progress progress;
    private final SyncPace pace;
    private final InstantSource clock;
    private final ArrayEvents events;
    private final PassEvents passEvents;
    private volatile boolean stopRequested;
    private volatile State state = State.WAITING;
    private volatile String trouble = "";
    private volatile long position;
    private long storedSector;
    private long storedMillis;

    /**
     * Prepares it.
     *
     * @param lacking what the target may lack from its recovered sector on; null for everything
     * @param events hears of its start, its progress and its end
     */
    public Rebuild(
            ArrayGeometry geometry,
            MemberSet members,
            StripeLocks locks,
            StripeReader stripeReader,
            Member target,
            @Nullable DirtyRegions lacking,
            Progress progress,
            SyncPace pace,
            InstantSource clock,
            ArrayEvents events) {
        this.geometry = geometry;
        this.members = members;
        this.locks = locks;
        this.stripeReader = stripeReader;
        this.target = target;
        this.lacking = lacking;
        this.progress = progress;
        this.pace = pace;
        this.clock = clock;
        this.events = events;
        String what = "the rebuild of slot " + target.slot() + " on " + target.name();
        this.passEvents = new PassEvents(events, what, target.name(), geometry.memberSectors());
        this.position = Math.min(target.recoveredSectors(), geometry.memberSectors());
    }

    @Override
    public void run() {
        if (!enter(State.RUNNING)) {
            return;
        }
        passEvents.started(position);
        State end = State.STUCK;
        try (Arena arena = Arena.ofConfined()) {
            end = pass(arena.allocate(RANGE_BYTES, Sectors.BLOCK_BYTES));
        } catch (IOException | RuntimeException e) {
            trouble = String.valueOf(e.getMessage());
        } finally {
            end = target.isFaulty() ? State.FAILED : end;
            if (end == State.STUCK) {
                storeQuietly();
            }
            tellOfEnd(end);
            enter(end);
            progress.ended(this);
        }
    }

    private void tellOfEnd(State end) {
        switch (end) {
            case DONE -> {
                // In this order, as mdadm has it.
                passEvents.finished("");
                events.emit(ArrayEvent.of(
                        "SpareActive",
                        Severity.NOTICE,
                        target.name(),
                        target.name() + " is the member of slot " + target.slot() + " now, in sync"));
            }
            case STOPPED -> passEvents.stopped(position);
            default -> passEvents.failed(position, trouble.isEmpty() ? target.name() + " has failed" : trouble);
        }
    }

    private State pass(MemorySegment buffer) throws IOException {
        storedSector = position;
        storedMillis = clock.millis();
        MemberReadAhead readAhead = new MemberReadAhead(
                members, slot -> slot == target.slot() || members.inSync(target.slot()) == null, false);
        while (position < geometry.memberSectors()) {
            if (stopRequested || target.isFaulty()) {
                storeProgress();
                return State.STOPPED;
            }
            long from = position;
            if (firstLacking(from) > from) {
                passOver(from, firstLacking(from));
            } else {
                long end = Math.min(endOfLacking(from), geometry.memberSectors());
                readAhead.passing(from, end);
                passWithRoom(from, Math.min(geometry.endInRow(from, RANGE_BYTES), end), buffer);
                pace.giveWay(Sectors.toBytes(position - from), () -> stopRequested || target.isFaulty());
            }
            if (isTimeToStore()) {
                storeProgress();
            }
            passEvents.passed(position);
        }
        if (target.isFaulty()) {
            return State.FAILED;
        }
        progress.complete(target);
        return State.DONE;
    }

    private long firstLacking(long from) {
        if (lacking == null) {
            return from;
        }
        long first = Sectors.roundDown(lacking.firstDirty(from), Sectors.PER_BLOCK);
        return Math.clamp(first, from, geometry.memberSectors());
    }

    private long endOfLacking(long from) {
        return lacking == null ? Long.MAX_VALUE : Sectors.roundUp(lacking.endOfDirty(from), Sectors.PER_BLOCK);
    }

    /** The target holds these stripes. The lease keeps a request from seeing them in both ways. */
    private void passOver(long from, long end) {
        try (StripeLocks.Lease _ = locks.lock(StripeRange.covering(from, end))) {
            position = end;
            target.recoveredTo(end);
        }
    }

    /** If the host of the target has no room, its position stays, and the range is tried again in a second. */
    private void passWithRoom(long from, long end, MemorySegment buffer) throws IOException {
        try {
            passRange(from, end, buffer);
            trouble = "";
        } catch (NoSpaceException e) {
            if (trouble.isEmpty()) {
                LOG.warn("the rebuild of slot {} waits for room: {}", target.slot(), e.getMessage());
            }
            trouble = "the rebuild waits for room: " + e.getMessage();
            pace.awaitRoom(() -> stopRequested || target.isFaulty());
        }
    }

    private void passRange(long from, long end, MemorySegment buffer) throws IOException {
        try (StripeLocks.Lease lease = locks.lock(StripeRange.covering(from, end))) {
            try {
                copy(lease, from, end, buffer);
            } catch (BlockLostException e) {
                if (!target.badBlocks().hasLog()) {
                    throw e;
                }
                copyWhatIsLeft(lease, from, end, buffer);
            }
            position = end;
            target.recoveredTo(end);
        }
    }

    private void copy(StripeLocks.Lease lease, long from, long end, MemorySegment buffer) throws IOException {
        MemorySegment content = buffer.asSlice(0, Sectors.toBytes(end - from));
        lease.require(StripeRange.covering(from, end));
        stripeReader.read(lease, target.slot(), Sectors.toBytes(from), content);
        members.requireSound();
        try {
            target.reserve(Sectors.toBytes(from), content.byteSize());
            target.write(Sectors.toBytes(from), content);
        } catch (NoSpaceException e) {
            throw e;
        } catch (DeviceException e) {
            members.failed(target, e);
        }
    }

    /**
     * What nobody can give any more is listed as bad on the target, as md does, and all else is rebuilt. The list
     * reaches the disk before the progress that passes the block: both are in one update of the superblocks, the list
     * first.
     */
    private void copyWhatIsLeft(StripeLocks.Lease lease, long from, long end, MemorySegment buffer) throws IOException {
        for (long at = from; at < end; at += Sectors.PER_BLOCK) {
            try {
                copy(lease, at, at + Sectors.PER_BLOCK, buffer);
            } catch (BlockLostException e) {
                members.requireSound();
                if (!target.noteBad(Sectors.toBytes(at), Sectors.BLOCK_BYTES)) {
                    throw e;
                }
                events.emit(ArrayEvent.of(
                        "BadBlocks",
                        Severity.WARNING,
                        target.name(),
                        e.getMessage() + "; the block at sector " + at + " is listed as bad on " + target.name()));
            }
        }
    }

    private boolean isTimeToStore() {
        long passed = position - storedSector;
        return passed * CHECKPOINTS >= geometry.memberSectors()
                || (passed > 0 && clock.millis() - storedMillis >= CHECKPOINT_INTERVAL.toMillis());
    }

    private void storeProgress() throws IOException {
        if (position > storedSector && !target.isFaulty()) {
            progress.store(target, position);
            storedSector = position;
            storedMillis = clock.millis();
        }
    }

    private void storeQuietly() {
        try {
            storeProgress();
        } catch (IOException e) {
            LOG.warn("how far the rebuild came could not be stored: {}", e.getMessage());
        }
    }

    private synchronized boolean enter(State next) {
        if (next == State.RUNNING && state != State.WAITING) {
            return false;
        }
        state = next;
        notifyAll();
        return true;
    }

    /** Who is being rebuilt. */
    public Member target() {
        return target;
    }

    /** Where it stands. */
    public State state() {
        return state;
    }

    /** Why it is stuck; empty where it is not. */
    public String trouble() {
        return trouble;
    }

    /** True while it has work ahead and nothing stands in its way. */
    public boolean underWay() {
        return state == State.WAITING || state == State.RUNNING;
    }

    /** Has it end where it stands, soon. */
    public void requestStop() {
        stopRequested = true;
    }

    /** Ends it where it stands; returns once it touches no stripe any more. */
    public synchronized void stop() throws InterruptedException {
        stopRequested = true;
        if (state == State.WAITING) {
            state = State.STOPPED;
        }
        while (state == State.RUNNING) {
            wait();
        }
    }

    /** As md's sync_completed: {@code passed / all} in sectors of a member. */
    public String progress() {
        return position + " / " + geometry.memberSectors();
    }
}

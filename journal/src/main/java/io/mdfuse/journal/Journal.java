package io.mdfuse.journal;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The writing side of the log. It can append, commit, and take back space; when to do so is its owner's to decide.
 *
 * <pre>
 *              tryAppend        awaitWritten          commit               release            reclaimTo
 *   (no room) ◀──────── staged ────────────▶ written ────────▶ committed ──────────▶ released ─────────▶ free
 *                          │                    │                  (stripes are on the members)
 *                          └──── a write or a flush fails ─────▶ failed, for good
 * </pre>
 *
 * <ul>
 *   <li><b>staged</b>: in memory only; a crash forgets it. Its place in the log is fixed.
 *   <li><b>written</b>: handed to the device. It survives the death of this process (whole, or not at all: see {@code
 *       StagingBuffer}), not a power failure.
 *   <li><b>committed</b>: flushed, and so is everything before it. From now on its stripes may go to the members.
 *   <li><b>released</b>: its stripes have been written to the members, which may still hold them in their caches. The
 *       log keeps it until the tail passes it.
 *   <li><b>free</b>: the owner has flushed the members, the new tail is durable, and only after that was the space
 *       given back. So recovery never starts at a block that has been overwritten.
 *   <li><b>failed</b>: every waiter, every later append and every reclaim gets a {@link JournalFailedException}. What
 *       had been committed before stays committed.
 * </ul>
 *
 * <p>Any thread may call anything at any time. No call made here goes up, but the one to {@link TailStore}, and that is
 * made without a lock that an append would need.
 */
public final class Journal implements AutoCloseable {
    private static final int STAGING_BYTES = 4 << 20;

    private final LogArea area;
    private final LogChecksum checksum;
    private final Arena arena = Arena.ofShared();
    private final long largestAppendSectors;
    private final GroupCommit commits;
    private final LogTail tail;

    private Journal(LogArea area, LogChecksum checksum, TailStore tailStore, LogSpace space, LogPosition at) {
        this.area = area;
        this.checksum = checksum;
        int stagingBytes = (int) Math.min(STAGING_BYTES, Sectors.toBytes(area.sizeSectors()));
        LogPosition next = new LogPosition(area.add(at.sector(), Sectors.PER_BLOCK), at.sequence() + 1);
        StagingBuffer filling = new StagingBuffer(area, arena, stagingBytes, next);
        StagingBuffer spare = new StagingBuffer(area, arena, stagingBytes, next);
        this.commits = new GroupCommit(area, checksum, filling, spare, at);
        this.tail = new LogTail(area, tailStore, commits, space);
        this.largestAppendSectors = Math.min(filling.capacitySectors(), space.largestAppendSectors());
    }

    /**
     * Makes an empty log: one empty meta block at position 0, durable when this returns.
     *
     * @param sequence the block's sequence number; md takes a random one of 32 bits, so that remains of an older log of
     *     the same array do not look like its continuation
     */
    public static void format(LogArea area, LogChecksum checksum, long sequence) throws DeviceException {
        writeEmptyBlock(area, checksum, new LogPosition(0, sequence));
    }

    /**
     * Starts a log whose older content is no longer needed: writes an empty meta block at {@code at}, flushes it, moves
     * the tail to it, and is ready to append behind it.
     *
     * @param at after recovery {@link LogPosition#restartPosition()} of the log's end
     * @throws IOException where the device or the tail store fails; the old tail may then still hold
     */
    public static Journal startAt(LogArea area, LogChecksum checksum, TailStore tailStore, LogPosition at)
            throws IOException {
        writeEmptyBlock(area, checksum, at);
        tailStore.storeTail(at.sector());
        return new Journal(area, checksum, tailStore, new LogSpace(area, at, Sectors.PER_BLOCK), at);
    }

    private static void writeEmptyBlock(LogArea area, LogChecksum checksum, LogPosition at) throws DeviceException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);
            MetaBlockWriter writer = new MetaBlockWriter(block);
            writer.begin(0, at);
            writer.seal(0, checksum);
            area.write(at.sector(), block);
            area.flush();
        }
    }

    /**
     * Lays down all runs of one request, at the log's end, together. The pages are copied: the caller's memory is its
     * own again on return. May wait for the device where the staging memory is full.
     *
     * @return the receipt; null where the log lacks the room, until something is reclaimed
     * @throws IllegalArgumentException where the runs are unsound, or exceed {@link #largestAppendSectors()}
     */
    public @Nullable LogTicket tryAppend(List<StripeRun> runs) throws JournalFailedException {
        RequestSize.requireValid(runs);
        long needSectors = requireAppendable(sectorsFor(runs));
        int[] checksums = RunChecksums.of(runs, checksum);
        return append(needSectors, staging -> staging.appendRuns(runs, checksums));
    }

    /**
     * Lays down the word that what the log holds of these stripes is on the members, durably: a scan need not bring
     * them up again. It saves work at recovery and is never needed, so an owner may drop it where the answer is null.
     */
    public @Nullable LogTicket tryAppendFlush(long[] stripeSectors) throws JournalFailedException {
        if (stripeSectors.length == 0) {
            throw new IllegalArgumentException("a flush of no stripes");
        }
        long needSectors = requireAppendable(sectorsForFlush(stripeSectors.length));
        return append(needSectors, staging -> staging.appendFlush(stripeSectors));
    }

    private @Nullable LogTicket append(long needSectors, StagedAppend append) throws JournalFailedException {
        commits.lock();
        try {
            commits.requireNotFailed();
            while (tail.hasSpaceFor(needSectors)) {
                if (commits.filling().hasSpaceFor(needSectors)) {
                    return stage(append);
                }
                commits.awaitProgress();
                commits.requireNotFailed();
            }
            return null;
        } finally {
            commits.unlock();
        }
    }

    private LogTicket stage(StagedAppend append) {
        StagingBuffer staging = commits.filling();
        long before = staging.lengthSectors();
        try {
            LogTicket ticket = new LogTicket(append.appendTo(staging), commits.nextOrder());
            tail.allocate(ticket, staging.lengthSectors() - before);
            return ticket;
        } catch (RuntimeException | Error e) {
            // A page that cannot be read any more would leave half a stripe in the batch: better no batch at all.
            commits.fail(e);
            throw e;
        }
    }

    /** Returns once the append, and everything before it, is durable. One flush serves all who wait. */
    public void commit(LogTicket ticket) throws JournalFailedException {
        commits.lock();
        try {
            commits.awaitFlushed(ticket.order());
        } finally {
            commits.unlock();
        }
    }

    /** Returns once everything that had been appended before this call is durable. */
    public void commitAll() throws JournalFailedException {
        commits.lock();
        try {
            commits.awaitFlushed(commits.stagedOrder());
        } finally {
            commits.unlock();
        }
    }

    /** Returns once the append, and everything before it, has been handed to the device, flushed or not. */
    public void awaitWritten(LogTicket ticket) throws JournalFailedException {
        commits.lock();
        try {
            commits.awaitWritten(ticket.order());
        } finally {
            commits.unlock();
        }
    }

    /**
     * The append's stripes have been written to the members (or were given up): the tail may pass it.
     *
     * @throws IllegalStateException where it has been released before
     */
    public void release(LogTicket ticket) {
        tail.release(ticket);
    }

    /**
     * How far the tail can move: to the first meta block of the oldest append not released, or as far as the log is
     * durable. Where everything is released, an empty meta block is written and flushed first, unless there is one: the
     * tail can then leave all pages behind, and the next start has nothing to replay. So the tail always names a valid
     * block, as md wants. To use it: take the checkpoint, flush the members, then {@link #reclaimTo} it.
     */
    public LogPosition checkpoint() throws JournalFailedException {
        commits.lock();
        try {
            commits.requireNotFailed();
            while (tail.allReleased() && !commits.endsInEmptyBlock()) {
                if (commits.filling().hasSpaceFor(Sectors.PER_BLOCK)) {
                    LogTicket empty = stage(StagingBuffer::appendEmpty);
                    tail.release(empty);
                    commits.awaitFlushed(empty.order());
                    return empty.firstMetaBlock();
                }
                commits.awaitProgress();
                commits.requireNotFailed();
            }
            return tail.checkpoint();
        } finally {
            commits.unlock();
        }
    }

    /**
     * Moves the tail and frees the space before it: first the tail is made durable, then the range is trimmed (a device
     * that cannot is no matter), and only then may appends use it, since a trim must never meet a new block.
     *
     * @param newTail a {@link #checkpoint()}; the members have been flushed since it was taken. Where the tail has
     *     passed it meanwhile, nothing is done
     * @throws IOException where the tail could not be stored; nothing is freed then
     */
    public void reclaimTo(LogPosition newTail) throws IOException {
        tail.reclaimTo(newTail);
    }

    /**
     * Sees to it that the host has room for so many sectors behind the log's end: a log in an image file may have holes
     * there. The owner calls it before it appends what it can't take back, with all that was promised to requests that
     * append meanwhile.
     *
     * @throws io.mdfuse.device.NoSpaceException if the host has no room; the log is as it was
     */
    public void reserveHostSpace(long sectors) throws DeviceException {
        long endSector;
        long mostSectors;
        commits.lock();
        try {
            endSector = area.add(tail.sector(), tail.usedSectors());
            mostSectors = area.sizeSectors() - tail.usedSectors();
        } finally {
            commits.unlock();
        }
        area.reserveHostSpace(endSector, Math.min(sectors, mostSectors));
    }

    private long requireAppendable(long needSectors) {
        if (needSectors > largestAppendSectors) {
            throw new IllegalArgumentException(
                    "a request of " + needSectors + " log sectors, of at most " + largestAppendSectors);
        }
        return needSectors;
    }

    /** The most sectors that these runs can take in the log, meta blocks included. */
    public static long sectorsFor(List<StripeRun> runs) {
        return RequestSize.worstCaseSectors(runs);
    }

    /** The most sectors that {@link #tryAppendFlush} of so many stripes can take. */
    public static long sectorsForFlush(int stripes) {
        int stripesPerBlock = MetaBlockLayout.PAYLOAD_ROOM_BYTES / MetaBlockLayout.FLUSH_ONE_BYTES;
        return (long) Sectors.PER_BLOCK * ((stripes + stripesPerBlock - 1) / stripesPerBlock);
    }

    /** What {@link #sectorsFor} of one request may be at most: it has to fit the staging memory and the ring. */
    public long largestAppendSectors() {
        return largestAppendSectors;
    }

    /** The length of the ring in sectors. */
    public long capacitySectors() {
        return area.sizeSectors();
    }

    /** Sectors between the tail and the place of the next block. */
    public long usedSectors() {
        return tail.usedSectors();
    }

    /**
     * How many sectors a reclaim to {@code position}, a {@link #checkpoint()}, would free; 0 where it has been done.
     */
    public long reclaimableSectors(LogPosition position) {
        return tail.reclaimableSectors(position);
    }

    /** Sectors not in use; an append that would leave none is refused. */
    public long freeSectors() {
        return capacitySectors() - usedSectors();
    }

    /**
     * Its owner knows that the device can't be relied on any more: from here on it is failed, as after a failed write.
     */
    public void fail(Throwable cause) {
        commits.lock();
        try {
            commits.fail(cause);
        } finally {
            commits.unlock();
        }
    }

    /** Why a write or a flush has failed; null if none has. */
    public @Nullable Throwable failure() {
        return commits.failure();
    }

    /** Whether a write or a flush has failed. */
    public boolean hasFailed() {
        return commits.hasFailed();
    }

    /** The journal device as the user named it. */
    public String deviceName() {
        return commits.deviceName();
    }

    /** One line on why it has failed; empty where it has not. */
    public String failureMessage() {
        return commits.failureMessage();
    }

    /**
     * Frees the staging memory; the device stays open. What was appended and not committed is forgotten. No other
     * thread may be in here any more, nor come in later.
     */
    @Override
    public void close() {
        commits.lock();
        try {
            commits.awaitNoLeader();
            commits.fail(new IllegalStateException("it is closed"));
        } finally {
            commits.unlock();
        }
        arena.close();
    }

    private interface StagedAppend {
        LogPosition appendTo(StagingBuffer staging);
    }
}

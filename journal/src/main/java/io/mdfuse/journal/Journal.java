package io.mdfuse.journal;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The writing side of the log: it appends, commits and reclaims. When to commit and when to reclaim is decided by its
 * caller.
 *
 * <pre>
 *              tryAppend        awaitWritten          commit               release            reclaimTo
 *  (no space) ◀──────── staged ────────────▶ written ────────▶ committed ──────────▶ released ─────────▶ free
 *                          │                    │                  (stripes are on the members)
 *                          └──── a write or a flush fails ─────▶ failed (final)
 * </pre>
 *
 * <ul>
 *   <li><b>staged</b>: in memory only; a crash loses the append. Its position in the log is fixed.
 *   <li><b>written</b>: passed to the device. The append survives the death of this process (with its complete batch,
 *       or not at all: see {@link StagingBuffer}), not a power failure.
 *   <li><b>committed</b>: flushed, with everything before it. From now on its stripes may be written to the members.
 *   <li><b>released</b>: its stripes have been written to the members, which may still have them in volatile caches.
 *       The log keeps the append until the tail moves past it.
 *   <li><b>free</b>: the caller has flushed the members, then the new tail was made durable, and only then was the
 *       space freed. So recovery never starts at a block that has been overwritten.
 *   <li><b>failed</b>: every waiting thread, every later append and every reclaim gets a
 *       {@link JournalFailedException}. What was committed before stays committed.
 * </ul>
 *
 * <p>All methods except {@link #close} may be called by any thread at any time. Unless a method says otherwise, it does
 * not wait for the device. The lock of an append has the rank {@link io.mdfuse.device.lock.LockRank#JOURNAL} and is
 * released during each write and flush. The journal calls no code above it except {@link TailStore}, which it calls
 * without that lock.
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
     * Creates an empty log: one empty meta block at position 0, durable on return.
     *
     * @param sequence the block's sequence number; md chooses a random one of 32 bits, so that blocks of an older log
     *     of the same array are not taken for the continuation of this one
     * @throws DeviceException if the block can't be written or flushed
     */
    public static void format(LogArea area, LogChecksum checksum, long sequence) throws DeviceException {
        writeEmptyBlock(area, checksum, new LogPosition(0, sequence));
    }

    /**
     * Starts a log whose older content is not needed any more: writes an empty meta block at {@code at}, flushes it and
     * stores its position as the tail. Appends follow behind that block.
     *
     * @param at after recovery, {@link LogPosition#restartPosition()} of the log's end
     * @throws IOException if the device or the tail store fails; the stored tail may then still be the old one
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
     * Appends all runs of one request, together, at the end of the log; they are staged on return. The pages are
     * copied, so the caller may reuse its memory after that. If the staging memory is full, the call waits for the
     * device.
     *
     * @return the ticket with which to commit and to release the append; null if the log has not enough free space
     *     until some is reclaimed
     * @throws IllegalArgumentException if a run does not have the form that {@link StripeRun} describes, or the runs
     *     exceed {@link #largestAppendSectors()}
     * @throws JournalFailedException if the journal has failed
     */
    public @Nullable LogTicket tryAppend(List<StripeRun> runs) throws JournalFailedException {
        RequestSize.requireValid(runs);
        long needSectors = requireAppendable(sectorsFor(runs));
        int[] checksums = RunChecksums.of(runs, checksum);
        return append(needSectors, staging -> staging.appendRuns(runs, checksums));
    }

    /**
     * Appends a record that everything which the log contains for these stripes is durable on the members, so recovery
     * need not replay it. The record only saves work at recovery: if null is returned, the caller may go on without it.
     *
     * @param stripeSectors member sectors of the stripes, at least one
     * @return the ticket of the append; null if the log has not enough free space
     * @throws JournalFailedException if the journal has failed
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
            // A page whose memory can't be read any more leaves an incomplete stripe in the batch. It must never be
            // written, so the journal fails.
            commits.fail(e);
            throw e;
        }
    }

    /**
     * Waits until the append, and everything before it, is durable. One flush serves all threads that wait.
     *
     * @throws JournalFailedException if the journal has failed before that
     */
    public void commit(LogTicket ticket) throws JournalFailedException {
        commits.awaitFlushed(ticket.order());
    }

    /**
     * Waits until everything that was appended before this call is durable.
     *
     * @throws JournalFailedException if the journal has failed before that
     */
    public void commitAll() throws JournalFailedException {
        long newest;
        commits.lock();
        try {
            newest = commits.stagedOrder();
        } finally {
            commits.unlock();
        }
        commits.awaitFlushed(newest);
    }

    /**
     * Waits until the append, and everything before it, has been written to the device, flushed or not.
     *
     * @throws JournalFailedException if the journal has failed before that
     */
    public void awaitWritten(LogTicket ticket) throws JournalFailedException {
        commits.awaitWritten(ticket.order());
    }

    /**
     * Declares that the log need not keep the append any longer, since its stripes have been written to the members or
     * the write was abandoned. From now on the tail may move past it.
     *
     * @throws IllegalStateException if the ticket has been released before
     */
    public void release(LogTicket ticket) {
        tail.release(ticket);
    }

    /**
     * Returns the position up to which the tail can move: the first meta block of the oldest append not released, or
     * the newest durable meta block if that append is not durable or every append is released. So the tail always names
     * a valid block, as md requires.
     *
     * <p>If every append is released and the log does not end in an empty meta block, one is written and flushed first:
     * the tail can then move past all pages, and the next start has nothing to replay.
     *
     * <p>To reclaim: take the checkpoint, flush the members, then call {@link #reclaimTo} with the checkpoint.
     *
     * @throws JournalFailedException if the journal has failed
     */
    public LogPosition checkpoint() throws JournalFailedException {
        LogTicket empty;
        commits.lock();
        try {
            commits.requireNotFailed();
            empty = stageEmptyIfAllReleased();
            if (empty == null) {
                return tail.checkpoint();
            }
        } finally {
            commits.unlock();
        }
        commits.awaitFlushed(empty.order());
        return empty.firstMetaBlock();
    }

    private @Nullable LogTicket stageEmptyIfAllReleased() throws JournalFailedException {
        while (tail.allReleased() && !commits.endsInEmptyBlock()) {
            if (commits.filling().hasSpaceFor(Sectors.PER_BLOCK)) {
                LogTicket empty = stage(StagingBuffer::appendEmpty);
                tail.release(empty);
                return empty;
            }
            commits.awaitProgress();
            commits.requireNotFailed();
        }
        return null;
    }

    /**
     * Moves the tail and frees the space before it: makes the new tail durable, then trims the range (an error of the
     * trim is ignored), and only then lets appends use the space, since a trim must never discard a new block. One
     * reclaim runs at a time; another waits for it.
     *
     * @param newTail a {@link #checkpoint()}; the caller has flushed the members since it was taken. If the tail has
     *     moved past it meanwhile, nothing is done
     * @throws IOException if the tail can't be stored, or the journal has failed; nothing is freed then
     * @throws IllegalArgumentException if {@code newTail} is not a durable block of the log
     */
    public void reclaimTo(LogPosition newTail) throws IOException {
        tail.reclaimTo(newTail);
    }

    /**
     * Has the host allocate the next {@code sectors} sectors behind the end of the log: a log in an image file may have
     * holes there. Called before an append that must not fail for lack of space on the host. Other requests may append
     * meanwhile, so {@code sectors} includes the log space that is reserved for all of them.
     *
     * @throws io.mdfuse.device.NoSpaceException if the host has no space; the log is unchanged
     * @throws DeviceException if the device fails
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

    /** The most sectors that an append of these runs can need in the log, meta blocks included. */
    public static long sectorsFor(List<StripeRun> runs) {
        return RequestSize.worstCaseSectors(runs);
    }

    /** The most sectors that {@link #tryAppendFlush} of this many stripes can need in the log. */
    public static long sectorsForFlush(int stripes) {
        int stripesPerBlock = MetaBlockLayout.MAX_PAYLOAD_BYTES / MetaBlockLayout.FLUSH_ONE_BYTES;
        return (long) Sectors.PER_BLOCK * ((stripes + stripesPerBlock - 1) / stripesPerBlock);
    }

    /** The largest allowed {@link #sectorsFor} of one request: it must fit the staging memory and the ring. */
    public long largestAppendSectors() {
        return largestAppendSectors;
    }

    /** The length of the ring in sectors. */
    public long capacitySectors() {
        return area.sizeSectors();
    }

    /** The sectors in use: from the tail to the position of the next append. */
    public long usedSectors() {
        return tail.usedSectors();
    }

    /**
     * How many sectors {@link #reclaimTo} would free.
     *
     * @param position a {@link #checkpoint()}
     * @return 0 if the tail has reached or passed the position
     */
    public long reclaimableSectors(LogPosition position) {
        return tail.reclaimableSectors(position);
    }

    /**
     * Where the log stands and how much was written, at one moment. Unlike {@link #checkpoint} this changes nothing: no
     * empty block is appended.
     */
    public JournalStatus status() {
        return tail.status();
    }

    /** The sectors not in use. An append is refused unless it leaves at least two blocks of them free. */
    public long freeSectors() {
        return capacitySectors() - usedSectors();
    }

    /**
     * Puts the journal into the failed state, as a failed write does. Called if the array finds elsewhere that the
     * journal device can't be relied on, for example when its superblock can't be written.
     *
     * @param cause becomes {@link #failure()}, unless the journal has failed before
     */
    public void fail(Throwable cause) {
        commits.lock();
        try {
            commits.fail(cause);
        } finally {
            commits.unlock();
        }
    }

    /** Why the journal has failed; null if it has not. */
    public @Nullable Throwable failure() {
        return commits.failure();
    }

    /** Whether the journal has failed. */
    public boolean hasFailed() {
        return commits.hasFailed();
    }

    /** The journal device as the user named it. */
    public String deviceName() {
        return commits.deviceName();
    }

    /** One line that says why the journal has failed; empty if it has not. */
    public String failureMessage() {
        return commits.failureMessage();
    }

    /**
     * Frees the staging memory; the device stays open. Appends that are not committed are lost. The caller makes sure
     * that no other thread is in a method of this journal, or calls one later.
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

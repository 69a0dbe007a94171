package io.mdfuse.journal;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import org.jspecify.annotations.Nullable;

/**
 * Decides which thread writes and flushes the log, and lets the others wait. There is no writer thread: the first
 * thread that needs an append written becomes the leader and writes the batch of all; threads that come meanwhile wait.
 *
 * <pre>
 *               lead(): buffers change roles, lock released
 *   filling ───────────────────────────────────────────────▶ being written ──▶ written ──▶ flushed
 *      ▲  appends continue in the other buffer                    │   one flush for all      │
 *      └──────────────────────── the buffer is spare again ◀──────┴───────── or failed ◀─────┘
 * </pre>
 *
 * <p>One thread leads at a time, so batches reach the device in log order. The leader flushes if a thread waits for a
 * commit of what is written by then; a batch that is written only because its buffer was full is flushed with a later
 * one.
 *
 * <p>Unless a method says otherwise, the caller holds the lock ({@link #lock}). A thread that waits or leads releases
 * it during that time.
 */
final class GroupCommit {
    private final LogArea area;
    private final LogChecksum checksum;
    private final RankedLock lock = new RankedLock(LockRank.JOURNAL);
    private final LogWaiters waiters = new LogWaiters();

    private StagingBuffer filling;
    private StagingBuffer spare;
    private boolean leading;

    private long stagedOrder;
    private long writtenOrder;
    private long flushedOrder;
    private long wantedFlushedOrder;
    private long writtenSectors;
    private long flushes;
    private LogPosition newestWritten;
    private LogPosition newestFlushed;
    /** Set with the lock held; read without it. */
    private volatile @Nullable Throwable failure;

    /**
     * @param filling an empty batch that begins at the end of the log
     * @param spare the other buffer
     * @param flushed the newest meta block of the log, already durable
     */
    GroupCommit(LogArea area, LogChecksum checksum, StagingBuffer filling, StagingBuffer spare, LogPosition flushed) {
        this.area = area;
        this.checksum = checksum;
        this.filling = filling;
        this.spare = spare;
        this.newestWritten = flushed;
        this.newestFlushed = flushed;
    }

    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    /** The batch to append to. After a wait it may be another one. */
    StagingBuffer filling() {
        return filling;
    }

    /** The order number for the append that has just been added to {@link #filling()}. */
    long nextOrder() {
        return ++stagedOrder;
    }

    /** The order number of the newest append. */
    long stagedOrder() {
        return stagedOrder;
    }

    /** How many sectors were written so far. */
    long writtenSectors() {
        return writtenSectors;
    }

    /** How often the device was flushed so far. */
    long flushes() {
        return flushes;
    }

    boolean isFlushed(LogTicket ticket) {
        return ticket.order() <= flushedOrder;
    }

    /** The newest meta block that is durable. */
    LogPosition newestFlushed() {
        return newestFlushed;
    }

    /** Whether the log ends with a durable meta block that has no pages. */
    boolean endsInEmptyBlock() {
        return filling.end().sector() == area.add(newestFlushed.sector(), Sectors.PER_BLOCK);
    }

    /** See {@link Journal#failure}. Needs no lock. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** See {@link Journal#hasFailed}. Needs no lock. */
    boolean hasFailed() {
        return failure != null;
    }

    String deviceName() {
        return area.deviceName();
    }

    /** See {@link Journal#failureMessage}. Needs no lock. */
    String failureMessage() {
        Throwable cause = failure;
        return cause == null ? "" : String.valueOf(new JournalFailedException(area.deviceName(), cause).getMessage());
    }

    /**
     * Each call creates its own exception, so that the stack trace shows the waiting thread; all have the same cause.
     *
     * @throws JournalFailedException if the journal has failed
     */
    void requireNotFailed() throws JournalFailedException {
        Throwable cause = failure;
        if (cause != null) {
            throw new JournalFailedException(area.deviceName(), cause);
        }
    }

    /**
     * Puts the journal into the failed state and wakes every waiting thread. Nothing is written from now on: after a
     * failed write or flush the content of the device is unknown.
     */
    void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
        waiters.wakeAll();
    }

    /**
     * Writes the batch as the leader, or waits until another thread's write or flush makes progress. The batch being
     * filled may have space again afterwards.
     */
    void awaitProgress() {
        if (leading) {
            awaitLeader();
        } else {
            lead();
        }
    }

    private void awaitLeader() {
        LogWaiters.Waiter waiter = waiters.addForProgress();
        lock.unlock();
        try {
            waiter.await();
        } finally {
            lock.lock();
        }
    }

    /**
     * Waits until everything up to {@code order} has been written to the device. The caller does not hold the lock.
     *
     * @throws JournalFailedException if the journal has failed before that
     */
    void awaitWritten(long order) throws JournalFailedException {
        await(order, false);
    }

    /**
     * Waits until everything up to {@code order} is durable. The caller does not hold the lock.
     *
     * @throws JournalFailedException if the journal has failed before that
     */
    void awaitFlushed(long order) throws JournalFailedException {
        await(order, true);
    }

    private void await(long order, boolean durable) throws JournalFailedException {
        LogWaiters.Waiter waiter;
        do {
            lock.lock();
            try {
                wantedFlushedOrder = durable ? Math.max(wantedFlushedOrder, order) : wantedFlushedOrder;
                while (!leading && !isReached(order, durable)) {
                    requireNotFailed();
                    lead();
                }
                if (isReached(order, durable)) {
                    return;
                }
                requireNotFailed();
                waiter = waiters.add(order, durable);
            } finally {
                lock.unlock();
            }
        } while (!waiter.await());
    }

    private boolean isReached(long order, boolean durable) {
        return order <= (durable ? flushedOrder : writtenOrder);
    }

    /** Waits until no thread leads. */
    void awaitNoLeader() {
        while (leading) {
            awaitLeader();
        }
    }

    private void lead() {
        leading = true;
        try {
            boolean flushWanted = wantedFlushedOrder > flushedOrder;
            if (!filling.isEmpty()) {
                // If earlier batches are in the host's page cache, the flush writes pages anyway, and may have to write
                // some of them twice.
                writeBatch(flushWanted && writtenOrder == flushedOrder);
            }
            // A commit that was requested during the write is served as well, if its append is in the written batch.
            if (flushWanted || (wantedFlushedOrder > flushedOrder && wantedFlushedOrder <= writtenOrder)) {
                flush();
            }
        } catch (DeviceException | RuntimeException | Error e) {
            fail(e);
        } finally {
            leading = false;
            waiters.wakeReached(writtenOrder, flushedOrder);
            waiters.wakeNext();
        }
    }

    private void writeBatch(boolean pastCache) throws DeviceException {
        StagingBuffer batch = filling;
        long batchOrder = stagedOrder;
        filling = spare;
        filling.begin(batch.end());
        spare = batch;
        waiters.wakeReached(writtenOrder, flushedOrder);
        unlocked(() -> {
            batch.seal(checksum);
            if (pastCache) {
                batch.writeForFlush(area);
            } else {
                batch.writeTo(area);
            }
        });
        writtenOrder = batchOrder;
        writtenSectors += batch.lengthSectors();
        newestWritten = batch.newestMetaBlock();
        waiters.wakeReached(writtenOrder, flushedOrder);
    }

    private void flush() throws DeviceException {
        long coveredOrder = writtenOrder;
        LogPosition coveredBlock = newestWritten;
        unlocked(area::flush);
        flushedOrder = coveredOrder;
        flushes++;
        newestFlushed = coveredBlock;
    }

    private void unlocked(DeviceWork work) throws DeviceException {
        lock.unlock();
        try {
            work.run();
        } finally {
            lock.lock();
        }
    }

    private interface DeviceWork {
        void run() throws DeviceException;
    }
}

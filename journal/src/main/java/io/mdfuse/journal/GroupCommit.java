package io.mdfuse.journal;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * Who writes the log, and who waits for it. There is no writer thread: the first thread that needs something written
 * leads, and whoever comes meanwhile follows.
 *
 * <pre>
 *               lead(): buffers change roles, lock released
 *   filling ───────────────────────────────────────────────▶ being written ──▶ written ──▶ flushed
 *      ▲  appenders go on in the other buffer                     │   one flush for all      │
 *      └──────────────────────── the buffer is spare again ◀──────┴───────── or failed ◀─────┘
 * </pre>
 *
 * <p>One thread leads at a time, so batches reach the device in log order. A leader flushes where a committer waits for
 * what is written by then; a batch that was written only because its buffer was full is flushed with a later one.
 * Every method but {@link #lock} wants the lock to be held; waiting and leading release it for a while.
 */
final class GroupCommit {
    private final LogArea area;
    private final LogChecksum checksum;
    private final RankedLock lock = new RankedLock(LockRank.JOURNAL);
    private final Condition progress = lock.newCondition();

    private StagingBuffer filling;
    private StagingBuffer spare;
    private boolean leading;

    private long stagedOrder;
    private long writtenOrder;
    private long flushedOrder;
    private long wantedFlushedOrder;
    private LogPosition newestWritten;
    private LogPosition newestFlushed;
    /** Set with the lock held; asked for without it. */
    private volatile @Nullable Throwable failure;

    /**
     * @param filling an empty batch that begins where the log goes on
     * @param flushed the newest meta block, already durable
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

    /** The batch to append to; another one after each wait. */
    StagingBuffer filling() {
        return filling;
    }

    /** The order number of what has just been appended to {@link #filling()}. */
    long nextOrder() {
        return ++stagedOrder;
    }

    long stagedOrder() {
        return stagedOrder;
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

    @Nullable
    Throwable failure() {
        return failure;
    }

    boolean hasFailed() {
        return failure != null;
    }

    String deviceName() {
        return area.deviceName();
    }

    /** One line on why it has failed; empty where it has not. */
    String failureMessage() {
        Throwable cause = failure;
        return cause == null ? "" : String.valueOf(new JournalFailedException(area.deviceName(), cause).getMessage());
    }

    /** Each thread gets an exception of its own, so that the stack says who was waiting, above the one cause. */
    void requireNotFailed() throws JournalFailedException {
        Throwable cause = failure;
        if (cause != null) {
            throw new JournalFailedException(area.deviceName(), cause);
        }
    }

    /** Nothing more is written from now on: after a failed write or flush nobody knows what the device holds. */
    void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
        progress.signalAll();
    }

    /** Makes one step of progress or waits for one, after which the batch being filled may have room again. */
    @SuppressWarnings("WaitNotInLoop") // Every caller asks again for what it waits for.
    void awaitProgress() {
        if (leading) {
            progress.awaitUninterruptibly();
        } else {
            lead();
        }
    }

    /** Returns once everything up to {@code order} has been handed to the device. */
    void awaitWritten(long order) throws JournalFailedException {
        while (writtenOrder < order) {
            requireNotFailed();
            awaitProgress();
        }
    }

    /** Returns once everything up to {@code order} is durable. */
    void awaitFlushed(long order) throws JournalFailedException {
        wantedFlushedOrder = Math.max(wantedFlushedOrder, order);
        while (flushedOrder < order) {
            requireNotFailed();
            awaitProgress();
        }
    }

    /** Returns once no thread leads. */
    void awaitNoLeader() {
        while (leading) {
            progress.awaitUninterruptibly();
        }
    }

    private void lead() {
        leading = true;
        try {
            boolean flushWanted = wantedFlushedOrder > flushedOrder;
            if (!filling.isEmpty()) {
                writeBatch();
            }
            // A committer who came during the write is served too, where its append is in what was written.
            if (flushWanted || (wantedFlushedOrder > flushedOrder && wantedFlushedOrder <= writtenOrder)) {
                flush();
            }
        } catch (DeviceException | RuntimeException | Error e) {
            fail(e);
        } finally {
            leading = false;
            progress.signalAll();
        }
    }

    private void writeBatch() throws DeviceException {
        StagingBuffer batch = filling;
        long batchOrder = stagedOrder;
        filling = spare;
        filling.begin(batch.end());
        spare = batch;
        progress.signalAll();
        unlocked(() -> {
            batch.seal(checksum);
            batch.writeTo(area);
        });
        writtenOrder = batchOrder;
        newestWritten = batch.newestMetaBlock();
        progress.signalAll();
    }

    private void flush() throws DeviceException {
        long coveredOrder = writtenOrder;
        LogPosition coveredBlock = newestWritten;
        unlocked(area::flush);
        flushedOrder = coveredOrder;
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

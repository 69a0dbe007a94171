package io.mdfuse.raid.writepath;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.io.IOException;

/**
 * Gives up a journal that has failed, once: cached data, which is in memory only then, goes to the members; when it is
 * there, flushed, their superblocks say that the journal has failed. So no later mount replays the journal over newer
 * data.
 *
 * <p>A crash before that record leaves a journal that the next mount replays, as far as it can be read: it has the same
 * blocks, since no write has been accepted after the failure. {@link WriteOut} marks the array dirty meanwhile.
 */
final class JournalAbandonment {
    private final JournalParts parts;
    private final WriteOut writeOut;
    private final JournalState.Holder state;
    private final JournalFailureRecord failureRecord;
    private final RankedLock lock = new RankedLock(LockRank.JOURNAL_ABANDONMENT);

    JournalAbandonment(
            JournalParts parts, WriteOut writeOut, JournalState.Holder state, JournalFailureRecord failureRecord) {
        this.parts = parts;
        this.writeOut = writeOut;
        this.state = state;
        this.failureRecord = failureRecord;
    }

    /**
     * Waits until the journal's failure is on record. After an exception it may be called again.
     *
     * @throws IOException if cached data could not be written, or the failure not be recorded
     */
    void run() throws IOException {
        lock.lock();
        try {
            if (state.get() == JournalState.ABANDONED) {
                return;
            }
            parts.space().requireLogHasHostSpace();
            state.moveTo(JournalState.WRITE_THROUGH);
            writeOut.writeOutAll();
            parts.members().flush();
            failureRecord.record();
            state.moveTo(JournalState.ABANDONED);
        } finally {
            lock.unlock();
        }
    }
}

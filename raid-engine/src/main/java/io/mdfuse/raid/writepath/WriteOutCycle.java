package io.mdfuse.raid.writepath;

import io.mdfuse.journal.Journal;
import io.mdfuse.raid.stripe.StripeCache;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of the background write-out: writes out what the {@link WriteOutPolicy} says, and reclaims log space, until
 * the policy says that there is nothing to do, or nothing is left that another run has not chosen. May be run by
 * several threads at the same time.
 */
final class WriteOutCycle implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(WriteOutCycle.class);

    /** If the log is tight, its tail moves only by more than this part of the log. */
    private static final int RECLAIM_PART = 16;

    private final JournalParts parts;
    private final Journal journal;
    private final StripeCache cache;
    private final WriteOut writeOut;
    private final JournalState.Holder state;
    private final JournalAbandonment abandonment;

    WriteOutCycle(JournalParts parts, WriteOut writeOut, JournalState.Holder state, JournalAbandonment abandonment) {
        this.parts = parts;
        this.journal = parts.journal();
        this.cache = parts.stripes().cache();
        this.writeOut = writeOut;
        this.state = state;
        this.abandonment = abandonment;
    }

    /** True if a cycle would find something to do. */
    boolean isWanted() {
        boolean possible = state.get() != JournalState.ABANDONED
                && !parts.members().isBroken()
                && !parts.space().logLacksHostSpace();
        if (!possible || journal.hasFailed()) {
            return possible;
        }
        boolean anythingCached = state.get() == JournalState.WRITE_BACK || cache.size() > 0;
        return anythingCached && !policy().isIdle();
    }

    private WriteOutPolicy policy() {
        return WriteOutPolicy.of(
                cache.size(),
                cache.fullStripes(),
                parts.admission().maxStripes(),
                writeOut.pressure(),
                parts.admission().waitingRequests() > 0 || state.get() != JournalState.WRITE_BACK);
    }

    /**
     * Writes out and reclaims. Notifies waiting requests if something has changed, or if it failed; the reclaimer
     * notifies them of moves of the tail.
     */
    @Override
    public void run() {
        boolean failed = false;
        try {
            writeOutByPolicy();
            parts.space().noteCycle(null);
        } catch (IOException | RuntimeException e) {
            failed = true;
            if (!parts.space().noteCycle(e)) {
                LOG.error("write-out failed: {}", e.getMessage());
            }
        }
        if (journal.hasFailed()) {
            try {
                abandonment.run();
            } catch (IOException e) {
                LOG.error("cached data of the failed journal could not be written to the members: {}", e.getMessage());
            }
        }
        if (failed || journal.hasFailed()) {
            parts.admission().spaceMayHaveChanged();
        }
    }

    /**
     * Moves the tail if a request waits for log space; if the log is only tight, not before that frees so much that it
     * is worth a flush of all members and an update of all superblocks.
     */
    private void reclaimIfShort() throws IOException {
        if (parts.admission().headLacksLogSpace()) {
            parts.reclaimer().reclaim(0);
        } else if (writeOut.pressure() != LogPressure.RELAXED) {
            parts.reclaimer().reclaim(journal.capacitySectors() / RECLAIM_PART);
        }
    }

    private void writeOutByPolicy() throws IOException {
        for (WriteOutPolicy now = policy(); !now.isIdle() && !journal.hasFailed(); now = policy()) {
            boolean relaxed = writeOut.pressure() == LogPressure.RELAXED;
            int full = Math.min(now.full(), writeOut.fullStripesInBatch());
            int oldest = now.oldest();
            boolean anyChosen = writeOut.writeOut(() -> cache.full(full), relaxed);
            anyChosen |= writeOut.writeOut(() -> cache.oldest(oldest), relaxed);
            if (!anyChosen) {
                // Other threads are writing out what there is, and consult the policy when they have.
                break;
            }
            reclaimIfShort();
            parts.admission().spaceMayHaveChanged();
        }
        if (!journal.hasFailed()) {
            reclaimIfShort();
        }
    }
}

package io.mdfuse.raid.member;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.io.IOException;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * One flush for all callers that wait. A round serves the callers that came before it began. While a round runs, later
 * callers wait for the next one, and the first of them to wake leads it on its own thread.
 */
public final class GroupFlush {
    /** The work of a round. */
    @FunctionalInterface
    public interface Round {
        /** Runs one round, without any lock of {@link GroupFlush}. Serves all callers that came before it began. */
        void run() throws IOException;
    }

    private final Round round;
    private final RankedLock lock = new RankedLock(LockRank.GROUP_FLUSH);
    private final Condition roundEnded = lock.newCondition();
    private long roundsStarted;
    private long roundsEnded;
    private boolean running;
    private long lastFailedRound;
    private @Nullable IOException lastFailure;

    /** Each round runs {@code round}; no two rounds run at once. */
    public GroupFlush(Round round) {
        this.round = round;
    }

    /**
     * Returns once a round that started after this call has succeeded.
     *
     * @throws IOException what that round threw, or a later one
     */
    public void await() throws IOException {
        lock.lock();
        try {
            long mine = roundsStarted + 1;
            while (roundsEnded < mine) {
                if (running) {
                    roundEnded.awaitUninterruptibly();
                } else {
                    lead();
                }
            }
            // A failed round fails all callers that waited for it or for an earlier round: their bytes may be lost.
            if (lastFailure != null && lastFailedRound >= mine) {
                throw new IOException(lastFailure.getMessage(), lastFailure);
            }
        } finally {
            lock.unlock();
        }
    }

    private void lead() {
        running = true;
        long number = ++roundsStarted;
        IOException failure = null;
        lock.unlock();
        try {
            round.run();
        } catch (IOException e) {
            failure = e;
        } catch (RuntimeException e) {
            failure = new IOException("flush failed: " + e, e);
        } finally {
            lock.lock();
            running = false;
            roundsEnded = number;
            if (failure != null) {
                lastFailure = failure;
                lastFailedRound = number;
            }
            roundEnded.signalAll();
        }
    }
}

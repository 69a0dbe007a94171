package io.mdfuse.raid.member;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.io.IOException;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * One flush for all who wait. A caller is served by any round that starts after it called; while one round
 * runs, all who come in wait for the next, and the first of them to wake leads it.
 */
public final class GroupFlush {
    /** What a round does. */
    @FunctionalInterface
    public interface Round {
        /** One round; it serves everybody who called before it began. */
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

    /** Makes rounds of this. */
    public GroupFlush(Round round) {
        this.round = round;
    }

    /** Returns once a round that started after this call has ended well; throws what that round threw. */
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
            // A failure counts against everybody who waited for its round or an earlier one: what they wrote may be
            // lost.
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

package io.mdfuse.raid.writepath;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task that a worker runs after a delay, never twice at the same time ({@link OneAtATime}). The timer's thread only
 * hands it to the workers, so the task may do device I/O and wait for locks.
 *
 * <pre>
 *   IDLE ──runAfter()──▶ SCHEDULED ──the time has come──▶ RUNNING ──work returns──▶ IDLE
 *
 *   runAfter() while SCHEDULED   no effect: the earlier call decides when
 *   runAfter() while RUNNING     schedules one more run. If its time comes while this one still runs, it follows it
 *   close()                      nothing is scheduled or started any more; waits for the end of a run
 * </pre>
 *
 * A run that throws ends the run, not the task. Thread-safe.
 */
public final class TimedTask implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TimedTask.class);

    private final ScheduledExecutorService timer;
    private final OneAtATime runs;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile boolean closed;

    TimedTask(Runnable work, ScheduledExecutorService timer, Executor workers) {
        this.timer = timer;
        this.runs = new OneAtATime(work, workers);
    }

    /**
     * Has the task run once, not before {@code delayMillis} have passed. Never waits for the task, and never runs it on
     * the calling thread: the caller may hold locks and stripes that the task needs. No effect after {@link #close}.
     */
    public void runAfter(long delayMillis) {
        if (closed || !scheduled.compareAndSet(false, true)) {
            return;
        }
        try {
            var unused = timer.schedule(this::due, delayMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // The array is being closed. What the task would do is done by the close, or left to the next mount.
            LOG.debug("a task is not scheduled, the timer has ended");
        }
    }

    /** Called by the timer: hands the task to a worker. */
    private void due() {
        scheduled.set(false);
        try {
            runs.request();
        } catch (RejectedExecutionException e) {
            LOG.debug("a task is not run, the workers have ended");
        }
    }

    /**
     * Ends the task: no run starts any more, and when this returns none is under way. Waits for a run as long as it
     * takes, since it may use devices that the caller closes next. The caller must hold no lock that the task needs,
     * and must not be the task. May be called again.
     */
    @Override
    public void close() {
        closed = true;
        runs.close();
    }
}

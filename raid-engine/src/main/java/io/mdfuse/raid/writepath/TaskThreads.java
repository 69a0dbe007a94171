package io.mdfuse.raid.writepath;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The threads of the tasks that run beside the requests.
 *
 * @param timer only wakes tasks. It is one thread, so device I/O on it would delay all other tasks
 * @param workers run the tasks; as many threads as there are tasks
 */
public record TaskThreads(ScheduledExecutorService timer, Executor workers) {
    /** Makes a task that does nothing before {@link TimedTask#runAfter} is called. */
    public TimedTask task(Runnable work) {
        return new TimedTask(work, timer, workers);
    }
}

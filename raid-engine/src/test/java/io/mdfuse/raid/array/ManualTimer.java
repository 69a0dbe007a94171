package io.mdfuse.raid.array;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A timer whose time advances only when the test asks for it. The tasks that become due run in the test's thread. */
final class ManualTimer extends ScheduledThreadPoolExecutor implements InstantSource {
    private final List<Task> tasks = new ArrayList<>();
    private long nowMillis;

    ManualTimer() {
        super(0);
    }

    /** Advances the time; each task that becomes due runs at its time. */
    void pass(long millis) {
        long end = nowMillis + millis;
        for (Task next = firstDueBy(end); next != null; next = firstDueBy(end)) {
            tasks.remove(next);
            nowMillis = Math.max(nowMillis, next.dueMillis);
            next.run();
        }
        nowMillis = end;
    }

    private @org.jspecify.annotations.Nullable Task firstDueBy(long endMillis) {
        Task first = null;
        for (Task task : tasks) {
            if (task.dueMillis <= endMillis && (first == null || task.dueMillis < first.dueMillis)) {
                first = task;
            }
        }
        return first;
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(nowMillis);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        Task task = new Task(command, nowMillis + unit.toMillis(delay));
        tasks.add(task);
        return task;
    }

    private static final class Task extends FutureTask<Void> implements ScheduledFuture<Void> {
        private final long dueMillis;

        @SuppressWarnings("NullAway")
        Task(Runnable command, long dueMillis) {
            super(command, null);
            this.dueMillis = dueMillis;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(dueMillis, TimeUnit.MILLISECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(getDelay(TimeUnit.MILLISECONDS), other.getDelay(TimeUnit.MILLISECONDS));
        }
    }
}

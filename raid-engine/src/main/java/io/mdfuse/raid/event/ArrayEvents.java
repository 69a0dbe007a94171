package io.mdfuse.raid.event;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of one array, on their way to its user. {@link #emit} writes the log's line and puts the event in a queue;
 * it never waits, so that it may be called with any lock held. One thread outside the engine takes the events and does
 * what takes long.
 *
 * <p>The queue is bounded. If it is full, newer events are left out (they stand in the log), and how many is told by
 * {@link #takeLost}.
 */
public final class ArrayEvents {
    private static final Logger LOG = LoggerFactory.getLogger(ArrayEvents.class);

    /** More than any array has to say while an alert command runs. */
    static final int MOST_WAITING = 1000;

    private final BlockingQueue<ArrayEvent> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicLong lost = new AtomicLong();

    /** Takes note of something that is on record. */
    public void emit(ArrayEvent event) {
        switch (event.severity()) {
            case INFO, NOTICE -> LOG.info("{}: {}", event.name(), event.text());
            case WARNING -> LOG.warn("{}: {}", event.name(), event.text());
            case CRITICAL -> LOG.error("{}: {}", event.name(), event.text());
        }
        if (!waiting.offer(event)) {
            lost.incrementAndGet();
        }
    }

    /** The oldest event that was not taken yet; null if there is none within that time. */
    public @Nullable ArrayEvent take(Duration patience) throws InterruptedException {
        return waiting.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** How many events found no room since this was asked last. */
    public long takeLost() {
        return lost.getAndSet(0);
    }
}

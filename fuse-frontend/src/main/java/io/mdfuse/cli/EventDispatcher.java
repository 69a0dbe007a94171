package io.mdfuse.cli;

import io.mdfuse.fuse.SystemLog;
import io.mdfuse.fuse.SystemLog.Priority;
import io.mdfuse.raid.event.ArrayEvent;
import io.mdfuse.raid.event.ArrayEvents;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes an array's events to the host's log and to the user's alert command. Each of the two has a thread of its own,
 * since a log daemon or a command that hangs must delay neither the array nor the other one.
 *
 * <pre>
 *   engine ──emit()──▶ queue ──▶ mdfuse-events: syslog(3) ──▶ queue ──▶ mdfuse-alerts: the command, one at a time
 * </pre>
 *
 * If the command can't keep up, it is not called for some events, and a line is logged for each of them.
 */
final class EventDispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(EventDispatcher.class);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final int MOST_ALERTS_WAITING = 200;

    /**
     * The thread that runs while a closed array waits for its last alerts. The kernel shows its name, of 15 characters
     * at most, to other processes: umount reads there what the serving process waits for.
     */
    static final String LAST_ALERTS_THREAD = "mdfuse-last-alr";

    private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(1);

    private final ArrayEvents events;
    private final String volume;
    private final @Nullable AlertCommand alert;
    private final BlockingQueue<ArrayEvent> alerts = new ArrayBlockingQueue<>(MOST_ALERTS_WAITING);
    private final Thread eventThread =
            Thread.ofPlatform().daemon().name("mdfuse-events").unstarted(this::dispatch);
    private final Thread alertThread =
            Thread.ofPlatform().daemon().name("mdfuse-alerts").unstarted(this::alert);
    private volatile boolean ending;
    private volatile boolean allDispatched;

    /** @param volume the volume's path, which is given to the host's log and to the command */
    EventDispatcher(ArrayEvents events, String volume, @Nullable AlertCommand alert) {
        this.events = events;
        this.volume = volume;
        this.alert = alert;
    }

    /** Starts to pass on events. */
    void start() {
        eventThread.start();
        if (alert != null) {
            alertThread.start();
        }
    }

    /**
     * Call when no more events will be emitted. Returns when all events are passed on, or soon after that time: an
     * alert command that still runs then is killed, and each event that it was not run for is logged.
     */
    void end(Duration patience) {
        ending = true;
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        try {
            if (!eventThread.join(patience)) {
                LOG.warn("the host's log has not taken all events within {} s", patience.toSeconds());
            }
            if (alert != null) {
                Duration left = Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
                Thread.ofPlatform()
                        .daemon()
                        .name(LAST_ALERTS_THREAD)
                        .start(() -> endAlerts(left))
                        .join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void endAlerts(Duration patience) {
        try {
            if (!alertThread.join(patience)) {
                alertThread.interrupt();
                alertThread.join(AFTER_INTERRUPT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (ArrayEvent event = alerts.poll(); event != null; event = alerts.poll()) {
            String device = event.device().isEmpty() ? "" : " " + event.device();
            LOG.warn("not delivered to the alert command: {}{}", event.name(), device);
        }
    }

    private void dispatch() {
        try {
            for (ArrayEvent event = events.take(LOOK); event != null || !ending; event = events.take(LOOK)) {
                if (event != null) {
                    passOn(event);
                }
                long lost = events.takeLost();
                if (lost > 0) {
                    LOG.warn("{} events came too fast to be passed on; the lines above have them", lost);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            allDispatched = true;
        }
    }

    private void passOn(ArrayEvent event) {
        if (alert != null && !alerts.offer(event)) {
            LOG.warn("the alert command can't keep up: {} is left out", event.name());
        }
        SystemLog.write(priority(event), volume + ": " + event.name() + ": " + event.text());
    }

    private static Priority priority(ArrayEvent event) {
        return switch (event.severity()) {
            case INFO -> Priority.INFO;
            case NOTICE -> Priority.NOTICE;
            case WARNING -> Priority.WARNING;
            case CRITICAL -> Priority.CRITICAL;
        };
    }

    private void alert() {
        AlertCommand command = alert;
        try {
            while (command != null && !(allDispatched && alerts.isEmpty())) {
                ArrayEvent event = alerts.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                if (event != null) {
                    command.run(event);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

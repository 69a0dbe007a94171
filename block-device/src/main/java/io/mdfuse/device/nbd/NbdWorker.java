package io.mdfuse.device.nbd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that talks to the server of one device, {@code mdfuse-nbd}: it alone uses libnbd. Other threads put
 * commands into its queue and wait for them.
 *
 * <pre>
 *   CONNECTED ── connection lost, no change at risk ──▶ AWAY ── a command comes: connected, same export ──▶ CONNECTED
 *       │                                                │
 *       │ connection lost, a change at risk              │ not within the time, or another export answers
 *       └───────────────────▶ LOST ◀─────────────────────┘        any state ── close() ──▶ CLOSED
 * </pre>
 *
 * CONNECTED: commands are sent as they come, any number at once. AWAY: the commands that had no answer are all reads
 * or flushes of nothing, and are sent again on the next connection. LOST, for good: every command fails. What the
 * server has is not known any more, and a connection made later would hide that (see {@link ChangesAtRisk}).
 */
final class NbdWorker implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(NbdWorker.class);
    private static final String CLOSED = "the device is closed";
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final NbdLibrary library;
    private final String uri;
    private final String name;
    private final NbdPatience patience;
    private final Alarm alarm = new Alarm();
    private final Queue<NbdCommand> queue = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<NbdExport> opened = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean ended;

    /** All that follows is used by the thread alone. */
    private final Deque<NbdCommand> again = new ArrayDeque<>();

    private final ChangesAtRisk atRisk = new ChangesAtRisk();
    private final Witness witness = new Witness();
    private @Nullable NbdConnection connection;
    private @Nullable String loss;

    private NbdWorker(NbdLibrary library, String uri, NbdPatience patience) {
        this.library = library;
        this.uri = uri;
        this.name = NbdUri.withoutPassword(uri);
        this.patience = patience;
        this.thread = new Thread(this, "mdfuse-nbd");
        thread.setDaemon(true);
    }

    /** Starts a thread that begins to connect. */
    static NbdWorker start(NbdLibrary library, String uri, NbdPatience patience) {
        NbdWorker worker = new NbdWorker(library, uri, patience);
        worker.thread.start();
        return worker;
    }

    /**
     * Waits for the first connection.
     *
     * @throws NbdRefusedException if there is none; the thread has ended then
     */
    NbdExport awaitExport() throws NbdRefusedException {
        try {
            return opened.join();
        } catch (CompletionException e) {
            close();
            if (e.getCause() instanceof NbdRefusedException refused) {
                throw refused;
            }
            throw e;
        }
    }

    /** Hands a command over; the caller then waits for it. Any thread. */
    void submit(NbdCommand command) {
        queue.add(command);
        alarm.ring();
        if (ended) {
            failQueued(CLOSED);
        }
    }

    /** Ends the connection and the thread; commands without an answer fail. May be called twice. */
    void close() {
        closing = true;
        alarm.ring();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        alarm.close();
    }

    @Override
    public void run() {
        try {
            connection = connect();
            opened.complete(connection.export());
            while (!closing) {
                step();
            }
        } catch (NbdRefusedException e) {
            opened.completeExceptionally(e);
        } catch (RuntimeException | Error e) {
            opened.completeExceptionally(e);
            LOG.error("{}: the thread of the device failed", name, e);
        } finally {
            end();
        }
    }

    private NbdConnection connect() throws NbdRefusedException {
        return NbdConnection.open(
                library, alarm, uri, System.nanoTime() + patience.connect().toNanos(), () -> closing);
    }

    private void step() {
        if (loss != null) {
            failQueued(loss);
            alarm.await(-1, 0, Integer.MAX_VALUE);
            return;
        }
        NbdConnection now = connection;
        if (now == null) {
            if (again.isEmpty() && queue.isEmpty()) {
                alarm.await(-1, 0, Integer.MAX_VALUE);
            } else {
                reconnect();
            }
            return;
        }
        for (NbdCommand next = next(); next != null; next = next()) {
            send(now, next);
        }
        now.await(System.nanoTime() + TimeUnit.MINUTES.toNanos(1));
        now.answers().forEach(answer -> take(now, answer));
        String reason = now.whyBroken();
        if (reason != null) {
            abandon(now, reason);
        }
    }

    private @Nullable NbdCommand next() {
        NbdCommand first = again.poll();
        return first != null ? first : queue.poll();
    }

    private void send(NbdConnection to, NbdCommand command) {
        if (command.changes()) {
            atRisk.sent();
        }
        boolean flush = command.kind() == NbdCommand.Kind.FLUSH;
        long waitNanos = (flush ? patience.flush() : patience.request()).toNanos();
        to.send(command, System.nanoTime() + waitNanos, atRisk.mark());
    }

    private void take(NbdConnection from, NbdConnection.Answer answer) {
        NbdCommand command = answer.command();
        boolean well = answer.errno() == 0;
        if (command.changes()) {
            atRisk.answered(well && from.writesAreDurable());
        } else if (command.kind() == NbdCommand.Kind.FLUSH && well) {
            atRisk.flushed(answer.mark());
        }
        if (well) {
            witness.note(command);
            command.succeeded();
        } else {
            if (command.changes()) {
                witness.doubt(command);
            }
            command.refused(answer.errno());
        }
    }

    private void abandon(NbdConnection lost, String reason) {
        connection = null;
        List<NbdCommand> unanswered = lost.abandon();
        if (atRisk.any()) {
            lose("the connection was lost (" + reason + ") with writes that were not flushed");
            unanswered.forEach(command -> command.lost(String.valueOf(loss)));
        } else {
            LOG.warn("{}: the connection was lost ({}); every write was durable", name, reason);
            again.addAll(unanswered);
        }
    }

    private void lose(String reason) {
        loss = reason;
        LOG.error("{}: {}; the device is not used any more", name, reason);
    }

    /** Tries to connect until that succeeds, the time is over, or another export answers. */
    private void reconnect() {
        long until = System.nanoTime() + patience.connect().toNanos();
        String reason = "";
        while (!closing && NbdConnection.millisUntil(until) > 0) {
            try {
                String other = tryAgain(until);
                if (other == null) {
                    LOG.warn("{}: connected again", name);
                    return;
                }
                reason = "its server came back, but " + other;
                break;
            } catch (NbdRefusedException e) {
                reason = e.reason();
            }
            long pause = System.nanoTime() + RETRY_NANOS;
            while (!closing && NbdConnection.millisUntil(pause) > 0) {
                alarm.await(-1, 0, NbdConnection.millisUntil(pause));
            }
        }
        lose("no connection: " + reason);
        List<NbdCommand> waiting = new ArrayList<>(again);
        again.clear();
        waiting.forEach(command -> command.lost(String.valueOf(loss)));
    }

    /** Connects; why the export is another one, null if the connection is used from now on. */
    private @Nullable String tryAgain(long untilNanos) throws NbdRefusedException {
        NbdConnection next = NbdConnection.open(library, alarm, uri, untilNanos, () -> closing);
        boolean same = false;
        try {
            String other = whyAnother(next);
            same = other == null;
            connection = same ? next : null;
            return other;
        } finally {
            if (!same) {
                next.abandon();
            }
        }
    }

    /** Why the export behind a new connection is not the one that was there before; null if it is. */
    private @Nullable String whyAnother(NbdConnection next) throws NbdRefusedException {
        String difference = opened.join().whyNotReplacedBy(next.export());
        if (difference != null) {
            return difference;
        }
        try (Arena arena = Arena.ofShared()) {
            MemorySegment buffer = arena.allocate(Witness.bufferBytes());
            NbdCommand question = witness.question(buffer);
            if (question == null) {
                return null;
            }
            NbdConnection.Answer answer = answer(next, question);
            return answer.errno() == 0 && witness.agrees(buffer)
                    ? null
                    : "it has not what was written and flushed, or read, at offset " + question.offsetBytes();
        }
    }

    private NbdConnection.Answer answer(NbdConnection from, NbdCommand question) throws NbdRefusedException {
        long until = System.nanoTime() + patience.request().toNanos();
        from.send(question, until, 0);
        while (true) {
            from.await(until);
            List<NbdConnection.Answer> answers = from.answers();
            if (!answers.isEmpty()) {
                return answers.getFirst();
            }
            String broken = closing ? CLOSED : from.whyBroken();
            if (broken != null) {
                throw new NbdRefusedException(broken);
            }
        }
    }

    private void failQueued(String reason) {
        for (NbdCommand next = queue.poll(); next != null; next = queue.poll()) {
            next.lost(reason);
        }
    }

    private void end() {
        ended = true;
        NbdConnection last = connection;
        if (last != null) {
            if (last.isIdle()) {
                last.close();
            }
            last.abandon().forEach(command -> command.lost(CLOSED));
        }
        again.forEach(command -> command.lost(CLOSED));
        failQueued(CLOSED);
    }
}

package io.mdfuse.device.nbd;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a server: a handle of libnbd and the commands that it has sent. Used by one thread, which never
 * waits in libnbd: {@link #await} polls the socket.
 */
final class NbdConnection implements AutoCloseable {
    private static final int ESHUTDOWN = 108;
    private static final int ENOTCONN = 107;
    private static final int CMD_FLAG_FUA = 1;
    private static final int READABLE = 1;
    private static final int WRITABLE = 2;

    /** A command and the time at which its reply is overdue, in the unit of {@link System#nanoTime}. */
    private record Sent(NbdCommand command, long overdueNanos, long mark) {}

    /**
     * A command that was answered.
     *
     * @param errno the server's error number; 0 if the command succeeded
     * @param mark what was given to {@link #send}
     */
    record Answer(NbdCommand command, int errno, long mark) {}

    private final NbdFunctions nbd;
    private final NbdRequests requests;
    private final Alarm alarm;
    private final long handle;
    private final NbdExport export;
    private final boolean withFua;
    private final Map<Long, Sent> sent = new HashMap<>();
    private @Nullable String broken;
    private boolean freed;

    private NbdConnection(NbdLibrary library, Alarm alarm, long handle) {
        this.nbd = library.functions();
        this.requests = library.requests();
        this.alarm = alarm;
        this.handle = handle;
        this.export = NbdExport.of(nbd, handle);
        this.withFua = !export.canFlush() && export.canFua();
    }

    /**
     * Connects once.
     *
     * @param untilNanos when to give up, in the unit of {@link System#nanoTime}
     * @param cancelled is asked whenever the alarm rings
     * @throws NbdRefusedException if there is no connection then
     */
    static NbdConnection open(NbdLibrary library, Alarm alarm, String uri, long untilNanos, BooleanSupplier cancelled)
            throws NbdRefusedException {
        NbdFunctions nbd = library.functions();
        long handle = nbd.create();
        if (handle == 0) {
            throw new NbdRefusedException(error(nbd));
        }
        boolean usable = false;
        try {
            nbd.allowLocalFiles(handle, 1);
            nbd.initializeReads(handle, 0);
            trust(nbd, handle, uri);
            boolean failed = nbd.connect(handle, uri) < 0;
            while (!failed && nbd.isReady(handle) != 1) {
                int leftMillis = millisUntil(untilNanos);
                if (leftMillis == 0) {
                    throw new NbdRefusedException("its server does not answer");
                }
                int direction = nbd.direction(handle);
                int ready = alarm.await(nbd.descriptor(handle), direction, leftMillis);
                if (cancelled.getAsBoolean()) {
                    throw new NbdRefusedException("the device is closed");
                }
                failed = !goOn(nbd, handle, ready & direction);
            }
            if (failed) {
                throw new NbdRefusedException(NbdUri.inMessage(error(nbd), uri));
            }
            usable = true;
            return new NbdConnection(library, alarm, handle);
        } finally {
            if (!usable) {
                nbd.close(handle);
            }
        }
    }

    private static void trust(NbdFunctions nbd, long handle, String uri) throws NbdRefusedException {
        ServerTrust trust = ServerTrust.of(uri, nbd.version(handle), ServerTrust.usualDirectories());
        Path certificates = trust.certificates();
        boolean taken = nbd.verifyServer(handle, trust.verify() ? 1 : 0) == 0
                && (certificates == null || nbd.certificates(handle, certificates.toString()) == 0);
        if (!taken) {
            throw new NbdRefusedException(error(nbd));
        }
    }

    /** Milliseconds until a time of {@link System#nanoTime}, rounded up; 0 if it has passed. */
    static int millisUntil(long nanos) {
        long left = nanos - System.nanoTime();
        return left <= 0 ? 0 : (int) Math.min(Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMillis(left) + 1);
    }

    /** Tells libnbd that the socket is ready; returns whether the connection lives. */
    private static boolean goOn(NbdFunctions nbd, long handle, int ready) {
        boolean well = (ready & READABLE) == 0 || nbd.notifyRead(handle) == 0;
        if (well && (ready & WRITABLE) != 0 && (nbd.direction(handle) & WRITABLE) != 0) {
            well = nbd.notifyWrite(handle) == 0;
        }
        return well && nbd.isDead(handle) != 1 && nbd.isClosed(handle) != 1;
    }

    /** libnbd's last message for this thread, without the name of the function that it begins with. */
    private static String error(NbdFunctions nbd) {
        String text = nbd.error();
        return text == null ? "the connection was closed" : text.replaceFirst("^nbd_[a-z_]+: ", "");
    }

    NbdExport export() {
        return export;
    }

    /** Whether each write is sent with "force unit access", since the server knows no flush. */
    boolean writesAreDurable() {
        return withFua;
    }

    /**
     * Sends a command.
     *
     * @param overdueNanos when its reply is overdue
     * @param mark comes back with the answer
     */
    void send(NbdCommand command, long overdueNanos, long mark) {
        int flags = withFua ? CMD_FLAG_FUA : 0;
        long cookie = switch (command.kind()) {
            case READ -> requests.read(handle, command.address(), command.lengthBytes(), command.offsetBytes());
            case WRITE ->
                requests.write(handle, command.address(), command.lengthBytes(), command.offsetBytes(), flags);
            case ZERO -> requests.zero(handle, command.lengthBytes(), command.offsetBytes(), flags);
            case FLUSH -> requests.flush(handle);
        };
        if (cookie > 0) {
            sent.put(cookie, new Sent(command, overdueNanos, mark));
        } else {
            // It counts as sent: a part of it may have been.
            sent.put(-1L - sent.size(), new Sent(command, overdueNanos, mark));
            broken = error(nbd);
        }
    }

    /** Waits until a reply arrives, the alarm rings, the connection breaks or the time is over. */
    void await(long untilNanos) {
        long until = untilNanos;
        for (Sent each : sent.values()) {
            until = each.overdueNanos() - until < 0 ? each.overdueNanos() : until;
        }
        int direction = nbd.direction(handle);
        int ready = alarm.await(nbd.descriptor(handle), direction, millisUntil(until));
        if (ready != 0 && !goOn(nbd, handle, ready & direction)) {
            broken = error(nbd);
        }
    }

    /** The commands that were answered since the last call. One that the server's end left without a reply is not. */
    List<Answer> answers() {
        List<Answer> answers = new ArrayList<>();
        for (long cookie = nbd.peekCompleted(handle); cookie > 0; cookie = nbd.peekCompleted(handle)) {
            Sent done = sent.get(cookie);
            int errno = nbd.completed(handle, cookie) < 0 ? Math.max(1, nbd.errno()) : 0;
            if (errno == ENOTCONN || errno == ESHUTDOWN || (errno != 0 && isDead())) {
                broken = broken == null ? "its server has ended" : broken;
            } else if (done != null) {
                sent.remove(cookie);
                answers.add(new Answer(done.command(), errno, done.mark()));
            }
        }
        return answers;
    }

    private boolean isDead() {
        return broken != null || nbd.isDead(handle) == 1 || nbd.isClosed(handle) == 1;
    }

    /** Why the connection can't be used any more; null while it can. */
    @Nullable
    String whyBroken() {
        if (broken == null && isDead()) {
            broken = "its server has closed the connection";
        }
        for (Sent each : sent.values()) {
            if (broken == null && millisUntil(each.overdueNanos()) == 0) {
                broken = "its server does not answer";
            }
        }
        return broken;
    }

    /** Closes the connection; returns the commands without an answer. libnbd uses none of their buffers any more. */
    List<NbdCommand> abandon() {
        free();
        List<NbdCommand> unanswered = sent.values().stream().map(Sent::command).toList();
        sent.clear();
        return unanswered;
    }

    /** Whether every command was answered. */
    boolean isIdle() {
        return sent.isEmpty();
    }

    private void free() {
        if (!freed) {
            freed = true;
            nbd.close(handle);
        }
    }

    /** Says good-bye to the server, which may take a second; no command is without an answer. */
    @Override
    public void close() {
        if (freed) {
            return;
        }
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        boolean open = nbd.disconnect(handle, 0) == 0;
        while (open && nbd.isClosed(handle) != 1 && millisUntil(until) > 0) {
            int direction = nbd.direction(handle);
            open = goOn(nbd, handle, alarm.await(nbd.descriptor(handle), direction, millisUntil(until)) & direction);
        }
        free();
    }
}

package io.mdfuse.device.nbd;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jnr.ffi.LibraryLoader;

/**
 * Lets one thread wait for a socket and for other threads at the same time: a poll of the socket and of an event
 * counter (eventfd), which any thread may ring.
 */
final class Alarm implements AutoCloseable {
    private static final PollFunctions C =
            LibraryLoader.create(PollFunctions.class).load("libc.so.6");

    private static final int EFD_NONBLOCK = 0x800;
    private static final int EFD_CLOEXEC = 0x80000;
    private static final short POLLIN = 1;
    private static final short POLLOUT = 4;
    private static final short POLLERR = 8;
    private static final short POLLHUP = 16;
    /** {@code struct pollfd}: an int, the descriptor; a short, what to wait for; a short, what happened. */
    private static final long ENTRY_BYTES = 8;

    private static final long EVENTS = 4;
    private static final long HAPPENED = 6;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment entries = arena.allocate(2 * ENTRY_BYTES, ENTRY_BYTES);
    private final MemorySegment taken = arena.allocate(JAVA_LONG);
    private final MemorySegment one = arena.allocate(JAVA_LONG);
    private final RankedLock lock = new RankedLock(LockRank.ALARM);
    private final int counter;
    private boolean closed;

    Alarm() {
        one.set(JAVA_LONG, 0, 1);
        counter = C.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (counter < 0) {
            arena.close();
            throw new IllegalStateException("the process has too many open files: no event counter");
        }
    }

    /** Ends the current or the next wait. Any thread. */
    void ring() {
        try (RankedLock.Held _ = lock.acquire()) {
            if (!closed) {
                C.write(counter, one.address(), JAVA_LONG.byteSize());
            }
        }
    }

    /**
     * Waits until the alarm rings, the socket is ready, or the time is over. Only the thread that owns the socket.
     *
     * @param socket the descriptor; negative for none
     * @param direction what to wait for at the socket: 1 readable, 2 writable, 3 both
     * @return in which directions the socket is ready; an error of the socket counts as both
     */
    int await(int socket, int direction, int timeoutMillis) {
        entries.set(JAVA_INT, 0, counter);
        entries.set(JAVA_SHORT, EVENTS, POLLIN);
        entries.set(JAVA_SHORT, HAPPENED, (short) 0);
        entries.set(JAVA_INT, ENTRY_BYTES, socket);
        entries.set(JAVA_SHORT, ENTRY_BYTES + EVENTS, (short)
                (((direction & 1) != 0 ? POLLIN : 0) | ((direction & 2) != 0 ? POLLOUT : 0)));
        entries.set(JAVA_SHORT, ENTRY_BYTES + HAPPENED, (short) 0);
        if (C.poll(entries.address(), 2, timeoutMillis) <= 0) {
            return 0;
        }
        if (entries.get(JAVA_SHORT, HAPPENED) != 0) {
            C.read(counter, taken.address(), JAVA_LONG.byteSize());
        }
        short happened = entries.get(JAVA_SHORT, ENTRY_BYTES + HAPPENED);
        boolean broken = (happened & (POLLERR | POLLHUP)) != 0;
        return (broken || (happened & POLLIN) != 0 ? 1 : 0) | (broken || (happened & POLLOUT) != 0 ? 2 : 0);
    }

    /** The thread that waits has ended. A later ring does nothing: the number may be that of another file then. */
    @Override
    public void close() {
        try (RankedLock.Held _ = lock.acquire()) {
            if (!closed) {
                closed = true;
                C.close(counter);
                arena.close();
            }
        }
    }
}

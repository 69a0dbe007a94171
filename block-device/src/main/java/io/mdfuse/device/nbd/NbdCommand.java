package io.mdfuse.device.nbd;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * One request to a server, and what came of it. The thread that made it waits in {@link #await}; the device's thread
 * sends it and calls {@link #succeeded}, {@link #refused} or {@link #lost}, once.
 */
final class NbdCommand {
    /** What is asked for. ZERO makes a range read as zeros. */
    enum Kind {
        READ,
        WRITE,
        ZERO,
        FLUSH
    }

    private final Kind kind;
    private final long offsetBytes;
    private final long lengthBytes;
    private final long address;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile int errno;
    private volatile @Nullable String loss;

    private NbdCommand(Kind kind, long offsetBytes, long lengthBytes, long address) {
        this.kind = kind;
        this.offsetBytes = offsetBytes;
        this.lengthBytes = lengthBytes;
        this.address = address;
    }

    /** @param address of native memory that stays allocated until the command is done */
    static NbdCommand read(long offsetBytes, long lengthBytes, long address) {
        return new NbdCommand(Kind.READ, offsetBytes, lengthBytes, address);
    }

    /** @param address of native memory that stays allocated, and unchanged, until the command is done */
    static NbdCommand write(long offsetBytes, long lengthBytes, long address) {
        return new NbdCommand(Kind.WRITE, offsetBytes, lengthBytes, address);
    }

    static NbdCommand zero(long offsetBytes, long lengthBytes) {
        return new NbdCommand(Kind.ZERO, offsetBytes, lengthBytes, 0);
    }

    static NbdCommand flush() {
        return new NbdCommand(Kind.FLUSH, 0, 0, 0);
    }

    Kind kind() {
        return kind;
    }

    /** Whether it changes the content of the export. */
    boolean changes() {
        return kind == Kind.WRITE || kind == Kind.ZERO;
    }

    long offsetBytes() {
        return offsetBytes;
    }

    long lengthBytes() {
        return lengthBytes;
    }

    long address() {
        return address;
    }

    void succeeded() {
        done.countDown();
    }

    /** The server has answered with an error. */
    void refused(int number) {
        errno = number;
        done.countDown();
    }

    /** There is no connection on which the command could be answered. */
    void lost(String reason) {
        loss = reason;
        done.countDown();
    }

    /** Waits until the command is done. An interrupt does not end the wait: the buffer may still be in use. */
    void await() {
        boolean interrupted = false;
        while (true) {
            try {
                done.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The server's error number; 0 if there was none. Call after {@link #await}. */
    int errno() {
        return errno;
    }

    /** Why no reply came; null if one came. Call after {@link #await}. */
    @Nullable
    String loss() {
        return loss;
    }
}

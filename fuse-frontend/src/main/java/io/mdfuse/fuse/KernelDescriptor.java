package io.mdfuse.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The descriptor of a libfuse 3 session, on which the kernel's requests are read and answers are written. All
 * descriptors that are made here are closed in a program that this process starts: a program that inherited the
 * session's descriptor would keep the session alive.
 */
final class KernelDescriptor {
    private static final int O_CLOEXEC = 02000000;
    private static final int F_DUPFD_CLOEXEC = 1030;

    private final Fuse3Functions functions;
    private final int number;

    /** @param number the session's descriptor, which stays open; libfuse closes it */
    KernelDescriptor(Fuse3Functions functions, int number) {
        this.functions = functions;
        this.number = number;
    }

    /**
     * Waits for a message.
     *
     * @param target as long as the longest request; the kernel refuses a shorter one
     * @return the length in bytes; not positive if there is none: the mount has ended, or a signal came
     */
    long read(MemorySegment target) {
        return functions.read(number, target.address(), target.byteSize());
    }

    /** Passes a message to the kernel; false if the kernel did not take it, since the mount has ended. */
    boolean write(MemorySegment message) {
        return functions.write(number, message.address(), message.byteSize()) == message.byteSize();
    }

    /**
     * Runs {@code answering} while the session's descriptor leads into a pipe instead of to the kernel. No other thread
     * may use the descriptor meanwhile.
     *
     * @param target receives what was written; not more than a pipe holds, 4 KiB
     * @return the length in bytes; 0 if nothing was written, or no pipe could be made and it went to the kernel
     */
    long intercept(Runnable answering, MemorySegment target) {
        int kernel = functions.control(number, F_DUPFD_CLOEXEC, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(JAVA_INT, 2);
            if (kernel < 0 || functions.pipe(ends.address(), O_CLOEXEC) != 0) {
                answering.run();
                return 0;
            }
            int output = ends.getAtIndex(JAVA_INT, 0);
            int input = ends.getAtIndex(JAVA_INT, 1);
            functions.duplicate(input, number, O_CLOEXEC);
            functions.close(input);
            try {
                answering.run();
            } finally {
                functions.duplicate(kernel, number, O_CLOEXEC);
            }
            // The last descriptor that leads into the pipe is gone: without a message this is the end of the file.
            long lengthBytes = functions.read(output, target.address(), target.byteSize());
            functions.close(output);
            return Math.max(0, lengthBytes);
        } finally {
            if (kernel >= 0) {
                functions.close(kernel);
            }
        }
    }
}

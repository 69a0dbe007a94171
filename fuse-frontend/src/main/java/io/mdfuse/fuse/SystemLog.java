package io.mdfuse.fuse;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The host's log, by the C library's syslog(3): journald or a syslog daemon behind /dev/log. The identifier is {@code
 * mdfuse}, with the process's id. Without a daemon the lines are lost, and nothing fails. A daemon that hangs can block
 * a call.
 */
public final class SystemLog {
    /** The log's priorities; the numbers are those of syslog.h. */
    public enum Priority {
        CRITICAL(2),
        ERROR(3),
        WARNING(4),
        NOTICE(5),
        INFO(6);

        private final int level;

        Priority(int level) {
            this.level = level;
        }
    }

    private static final int LOG_PID = 1;
    private static final int LOG_DAEMON = 3 << 3;

    private static final MethodHandle OPENLOG =
            HostCalls.find("openlog", FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle SYSLOG = HostCalls.find(
            "syslog", FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS), Linker.Option.firstVariadicArg(2));

    /** The C library keeps these two addresses, so this memory is never freed. */
    private static final MemorySegment IDENTIFIER = Arena.global().allocateFrom("mdfuse");

    private static final MemorySegment FORMAT = Arena.global().allocateFrom("%s");

    static {
        try {
            OPENLOG.invokeExact(IDENTIFIER, LOG_PID, LOG_DAEMON);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private SystemLog() {}

    /** Writes one line. */
    public static void write(Priority priority, String line) {
        try (Arena arena = Arena.ofConfined()) {
            SYSLOG.invokeExact(priority.level, FORMAT, arena.allocateFrom(line.replace('\0', ' ')));
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }
}

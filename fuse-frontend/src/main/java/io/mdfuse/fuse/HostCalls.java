package io.mdfuse.fuse;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** The calls of the C library that a file system's process needs and Java does not offer. */
final class HostCalls {
    private static final int PR_SET_IO_FLUSHER = 57;

    @SuppressWarnings("restricted") // Calls the C library: int prctl(int option, ...).
    private static final MethodHandle PRCTL = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("prctl"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                    Linker.Option.firstVariadicArg(1));

    private HostCalls() {}

    /**
     * Tells the kernel that this thread, and every thread it starts from now on, serves storage: when such a thread
     * needs memory, the kernel will not wait for dirty pages that only this process can write out. It needs
     * CAP_SYS_RESOURCE; without that nothing changes, which is safe but can stall when memory is short.
     *
     * @return whether it was permitted
     */
    static boolean becomeIoFlusher() {
        try {
            return (int) PRCTL.invokeExact(PR_SET_IO_FLUSHER, 1L, 0L, 0L, 0L) == 0;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }
}

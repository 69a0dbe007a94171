package io.mdfuse.fuse;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Calls {@code fuse_fill_dir_t}, the function that libfuse 3 passes to readdir for its entries. */
final class DirectoryFiller {
    private final MethodHandle function;

    @SuppressWarnings("restricted") // Calls a function of libfuse: this is its type in fuse.h.
    DirectoryFiller() {
        function = Linker.nativeLinker()
                .downcallHandle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT));
    }

    /**
     * Adds an entry.
     *
     * @param address the function's
     * @param buffer what libfuse passed with it
     */
    void add(long address, long buffer, String name) {
        try (Arena arena = Arena.ofConfined()) {
            int ignored = (int) function.invokeExact(
                    MemorySegment.ofAddress(address), buffer, arena.allocateFrom(name), MemorySegment.NULL, 0L, 0);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }
}

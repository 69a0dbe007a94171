package io.mdfuse.device.nbd;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The functions of libnbd that send a request. Each takes a {@code nbd_completion_callback} by value, a structure of
 * three pointers, which jnr-ffi can't pass; so Java's own linker calls them. No callback is used: the structure is all
 * zeros, and replies are asked for with {@link NbdFunctions#peekCompleted}.
 *
 * <p>Each method returns the request's cookie, more than 0, or -1 if the request could not be sent.
 */
@SuppressWarnings("restricted")
final class NbdRequests {
    private static final MemoryLayout CALLBACK = MemoryLayout.structLayout(ADDRESS, ADDRESS, ADDRESS);
    private static final MemorySegment NO_CALLBACK = Arena.global().allocate(CALLBACK);

    private final MethodHandle read;
    private final MethodHandle write;
    private final MethodHandle zero;
    private final MethodHandle flush;

    /** @throws IllegalArgumentException if the library can't be loaded */
    NbdRequests(String soname) {
        SymbolLookup library = SymbolLookup.libraryLookup(soname, Arena.global());
        FunctionDescriptor transfer =
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, CALLBACK, JAVA_INT);
        FunctionDescriptor range =
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, CALLBACK, JAVA_INT);
        Linker linker = Linker.nativeLinker();
        read = linker.downcallHandle(library.findOrThrow("nbd_aio_pread"), transfer);
        write = linker.downcallHandle(library.findOrThrow("nbd_aio_pwrite"), transfer);
        zero = linker.downcallHandle(library.findOrThrow("nbd_aio_zero"), range);
        flush = linker.downcallHandle(
                library.findOrThrow("nbd_aio_flush"), FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, CALLBACK, JAVA_INT));
    }

    long read(long handle, long address, long lengthBytes, long offsetBytes) {
        try {
            return (long) read.invokeExact(handle, address, lengthBytes, offsetBytes, NO_CALLBACK, 0);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    long write(long handle, long address, long lengthBytes, long offsetBytes, int flags) {
        try {
            return (long) write.invokeExact(handle, address, lengthBytes, offsetBytes, NO_CALLBACK, flags);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    long zero(long handle, long lengthBytes, long offsetBytes, int flags) {
        try {
            return (long) zero.invokeExact(handle, lengthBytes, offsetBytes, NO_CALLBACK, flags);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    long flush(long handle) {
        try {
            return (long) flush.invokeExact(handle, NO_CALLBACK, 0);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** A downcall declares Throwable but throws no checked exception. */
    private static RuntimeException impossible(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
    }
}

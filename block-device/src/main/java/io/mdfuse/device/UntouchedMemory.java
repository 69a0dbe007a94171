package io.mdfuse.device;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Memory of zeros of which a page is resident only once it is written: an anonymous mapping. What {@link Arena}
 * allocates is filled with zeros at once, and so is resident at once. For buffers that an array has for its largest
 * requests, which many mounts never see. Buffers below 512 KiB come from the arena as usual.
 */
@SuppressWarnings("restricted")
public final class UntouchedMemory {
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;

    /** Less is not worth a mapping: to fill it with zeros takes less time than to map and unmap it. */
    private static final int LEAST_MAPPED_BYTES = 512 * 1024;

    private static final MethodHandle MMAP =
            bind("mmap", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP = bind("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

    private UntouchedMemory() {}

    private static MethodHandle bind(String symbol, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(symbol), descriptor);
    }

    /**
     * Allocates memory, which begins at a page's start.
     *
     * @param arena frees the memory when it is closed, and decides which threads may use it
     * @param lengthBytes more than 0
     * @throws OutOfMemoryError if the system does not grant it
     */
    public static MemorySegment allocate(Arena arena, long lengthBytes) {
        return lengthBytes < LEAST_MAPPED_BYTES
                ? arena.allocate(lengthBytes, Sectors.BLOCK_BYTES)
                : map(arena, lengthBytes);
    }

    private static MemorySegment map(Arena arena, long lengthBytes) {
        MemorySegment mapped;
        try {
            mapped = (MemorySegment)
                    MMAP.invokeExact(MemorySegment.NULL, lengthBytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
        } catch (Throwable e) {
            throw impossible(e);
        }
        if (mapped.address() == -1) {
            throw new OutOfMemoryError("the system grants no " + lengthBytes + " bytes of memory");
        }
        return mapped.reinterpret(lengthBytes, arena, memory -> unmap(memory, lengthBytes));
    }

    private static void unmap(MemorySegment memory, long lengthBytes) {
        try {
            int unused = (int) MUNMAP.invokeExact(memory, lengthBytes);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    private static IllegalStateException impossible(Throwable e) {
        return new IllegalStateException("the call of a function of the C library failed", e);
    }
}

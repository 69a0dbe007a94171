package io.mdfuse.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** Intel's library for parity (Debian's libisal2), if it is installed: what our parity is compared with. */
@SuppressWarnings("restricted")
final class IsaL {
    private static final int TABLE_BYTES_EACH = 32;

    private final MethodHandle xorGen;
    private final MethodHandle pqGen;
    private final MethodHandle initTables;
    private final MethodHandle encode;

    /**
     * Loads the library.
     *
     * @throws IllegalArgumentException if it is not installed
     */
    IsaL() {
        SymbolLookup library = SymbolLookup.libraryLookup("libisal.so.2", Arena.global());
        FunctionDescriptor sum = FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
        xorGen = handle(library, "xor_gen", sum);
        pqGen = handle(library, "pq_gen", sum);
        initTables = handle(
                library,
                "ec_init_tables",
                FunctionDescriptor.ofVoid(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        encode = handle(
                library,
                "ec_encode_data",
                FunctionDescriptor.ofVoid(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS));
    }

    private static MethodHandle handle(SymbolLookup library, String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(library.find(name).orElseThrow(), descriptor);
    }

    /** The array of pointers that every function takes. */
    static MemorySegment pointers(Arena arena, List<MemorySegment> blocks) {
        MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, blocks.size());
        for (int i = 0; i < blocks.size(); i++) {
            pointers.setAtIndex(ValueLayout.ADDRESS, i, blocks.get(i));
        }
        return pointers;
    }

    /** Sets the last of {@code count} blocks to the XOR of the others. */
    void xor(int count, int lengthBytes, MemorySegment blocks) throws Throwable {
        require((int) xorGen.invokeExact(count, lengthBytes, blocks));
    }

    /** Sets the last two of {@code count} blocks to P and Q of the others. */
    void pq(int count, int lengthBytes, MemorySegment blocks) throws Throwable {
        require((int) pqGen.invokeExact(count, lengthBytes, blocks));
    }

    /** The tables for {@link #multiply} of a matrix with a row of factors for each target. */
    MemorySegment tables(Arena arena, int sources, int targets, byte[] matrix) throws Throwable {
        MemorySegment factors = arena.allocateFrom(ValueLayout.JAVA_BYTE, matrix);
        MemorySegment tables = arena.allocate((long) TABLE_BYTES_EACH * sources * targets, 64);
        initTables.invokeExact(sources, targets, factors, tables);
        return tables;
    }

    /** Sets each target to the sum of all sources, each times its factor. */
    void multiply(int lengthBytes, int sources, int targets, MemorySegment tables, MemorySegment from, MemorySegment to)
            throws Throwable {
        encode.invokeExact(lengthBytes, sources, targets, tables, from, to);
    }

    private static void require(int result) {
        if (result != 0) {
            throw new IllegalStateException("ISA-L refused the blocks: " + result);
        }
    }
}

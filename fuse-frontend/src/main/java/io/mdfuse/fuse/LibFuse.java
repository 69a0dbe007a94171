package io.mdfuse.fuse;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of libfuse 2 that jnr-fuse does not offer: a session whose loop is run by threads of ours.
 *
 * <p>jnr-fuse runs libfuse's own main function, whose threads come and go, and each newcomer has to be
 * attached to the Java machine around its callbacks. Java threads that block in {@code fuse_loop} are attached for good.
 * {@code fuse_setup} is used and never {@code fuse_new}: without a version that name leads to an old function.
 */
final class LibFuse {
    private static final String LIBRARY = "libfuse.so.2";

    private final MethodHandle setup;
    private final MethodHandle loop;
    private final MethodHandle teardown;

    private LibFuse(MethodHandle setup, MethodHandle loop, MethodHandle teardown) {
        this.setup = setup;
        this.loop = loop;
        this.teardown = teardown;
    }

    /** Loads the library, or says which package it is missing from. */
    @SuppressWarnings("restricted") // Calls a C library: its signatures are those of libfuse 2.9's fuse.h.
    static LibFuse load() throws MountException {
        SymbolLookup library;
        try {
            library = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
        } catch (IllegalArgumentException missing) {
            throw new MountException(LIBRARY + " cannot be loaded; install it: apt install libfuse2 fuse");
        }
        Linker linker = Linker.nativeLinker();
        return new LibFuse(
                linker.downcallHandle(
                        library.findOrThrow("fuse_setup"),
                        FunctionDescriptor.of(
                                ADDRESS, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS)),
                linker.downcallHandle(library.findOrThrow("fuse_loop"), FunctionDescriptor.of(JAVA_INT, ADDRESS)),
                linker.downcallHandle(
                        library.findOrThrow("fuse_teardown"), FunctionDescriptor.ofVoid(ADDRESS, ADDRESS)));
    }

    /**
     * Mounts. The kernel holds every request back until a thread runs the loop.
     *
     * @param arguments as for a main function, the program's name first
     * @param operations a {@code struct fuse_operations} as bytes; libfuse copies it
     * @return the session, or null where libfuse refused, having said why on standard error
     */
    @Nullable
    Session setup(List<String> arguments, byte[] operations) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argv = arena.allocate(ADDRESS, arguments.size() + 1L);
            for (int i = 0; i < arguments.size(); i++) {
                argv.setAtIndex(ADDRESS, i, arena.allocateFrom(arguments.get(i)));
            }
            MemorySegment slots = arena.allocate(operations.length, ADDRESS.byteAlignment());
            slots.copyFrom(MemorySegment.ofArray(operations));
            MemorySegment mountPoint = arena.allocate(ADDRESS);
            MemorySegment multithreaded = arena.allocate(JAVA_INT);
            MemorySegment fuse = (MemorySegment) setup.invokeExact(
                    arguments.size(),
                    argv,
                    slots,
                    (long) operations.length,
                    mountPoint,
                    multithreaded,
                    MemorySegment.NULL);
            return fuse.address() == 0 ? null : new Session(fuse, mountPoint.get(ADDRESS, 0));
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** A mounted file system. */
    final class Session {
        private final MemorySegment fuse;
        private final MemorySegment mountPoint;

        private Session(MemorySegment fuse, MemorySegment mountPoint) {
            this.fuse = fuse;
            this.mountPoint = mountPoint;
        }

        /** Serves requests on this thread until the kernel ends the mount. Several threads may call it at once. */
        void loop() {
            try {
                int ignored = (int) loop.invokeExact(fuse);
            } catch (Throwable impossible) {
                throw new AssertionError(impossible);
            }
        }

        /** Frees the session. Only for when every loop has ended: they use what this frees. */
        void teardown() {
            try {
                teardown.invokeExact(fuse, mountPoint);
            } catch (Throwable impossible) {
                throw new AssertionError(impossible);
            }
        }
    }
}

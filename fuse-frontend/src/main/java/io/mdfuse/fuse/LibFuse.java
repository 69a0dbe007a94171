package io.mdfuse.fuse;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.mdfuse.device.PathBytes;
import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedLock;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of libfuse 2 that jnr-fuse does not offer: a session whose loop runs on Java threads.
 *
 * <p>jnr-fuse runs libfuse's own main function, which starts and ends native threads, and each new thread has to be
 * attached to the Java machine around its callbacks. Java threads that block in {@code fuse_loop} stay attached. {@code
 * fuse_setup} is used and never {@code fuse_new}: without a symbol version that name resolves to an old function.
 */
final class LibFuse {
    private static final String LIBRARY = "libfuse.so.2";

    private final MethodHandle version;
    private final MethodHandle setup;
    private final MethodHandle loop;
    private final MethodHandle teardown;
    private final MethodHandle getSession;
    private final MethodHandle nextChannel;
    private final MethodHandle invalidateInode;

    private LibFuse(SymbolLookup library) {
        FunctionDescriptor main =
                FunctionDescriptor.of(ADDRESS, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS);
        version = bind(library, "fuse_version", FunctionDescriptor.of(JAVA_INT));
        setup = bind(library, "fuse_setup", main);
        loop = bind(library, "fuse_loop", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        teardown = bind(library, "fuse_teardown", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
        getSession = bind(library, "fuse_get_session", FunctionDescriptor.of(ADDRESS, ADDRESS));
        nextChannel = bind(library, "fuse_session_next_chan", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
        FunctionDescriptor invalidate = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG);
        invalidateInode = bind(library, "fuse_lowlevel_notify_inval_inode", invalidate);
    }

    @SuppressWarnings("restricted") // Calls a C library: the signatures above are those of libfuse 2.9's headers.
    private static MethodHandle bind(SymbolLookup library, String symbol, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(symbol), type);
    }

    /** Loads the library; if it is missing, the error names the package that contains it. */
    @SuppressWarnings("restricted") // Calls a C library: its signatures are those of libfuse 2.9's fuse.h.
    static LibFuse load() throws MountException {
        SymbolLookup library;
        try {
            library = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
        } catch (IllegalArgumentException missing) {
            throw new MountException(LIBRARY + " cannot be loaded; install it: apt install libfuse2");
        }
        return new LibFuse(library);
    }

    /** The library's version: {@code 2.9}. */
    String version() {
        try {
            int number = (int) version.invokeExact();
            return number / 10 + "." + number % 10;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /**
     * Mounts. The kernel holds every request back until a thread runs the loop.
     *
     * @param arguments as for a main function, beginning with the program's name
     * @param operations a {@code struct fuse_operations} as bytes; libfuse copies it
     * @return the session, or null if libfuse refused, having printed the reason on standard error
     */
    @Nullable
    Session setup(List<String> arguments, byte[] operations) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argv = arena.allocate(ADDRESS, arguments.size() + 1L);
            for (int i = 0; i < arguments.size(); i++) {
                argv.setAtIndex(ADDRESS, i, arena.allocateFrom(arguments.get(i), PathBytes.CHARSET));
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
    final class Session implements NativeSession {
        private final MemorySegment fuse;
        private final MemorySegment mountPoint;
        private final RankedLock ending = new RankedLock(LockRank.FUSE_SESSION);
        private boolean torn;

        private Session(MemorySegment fuse, MemorySegment mountPoint) {
            this.fuse = fuse;
            this.mountPoint = mountPoint;
        }

        @Override
        public void loop() {
            try {
                int ignored = (int) loop.invokeExact(fuse);
            } catch (Throwable impossible) {
                throw new AssertionError(impossible);
            }
        }

        @Override
        public void teardown() {
            ending.lock();
            try {
                torn = true;
                teardown.invokeExact(fuse, mountPoint);
            } catch (Throwable impossible) {
                throw new AssertionError(impossible);
            } finally {
                ending.unlock();
            }
        }

        @Override
        public void invalidate(long node, long offsetBytes, long lengthBytes) {
            ending.lock();
            try {
                if (!torn) {
                    MemorySegment session = (MemorySegment) getSession.invokeExact(fuse);
                    MemorySegment channel = (MemorySegment) nextChannel.invokeExact(session, MemorySegment.NULL);
                    // ENOENT: the kernel does not know the file any more, and so caches none of its pages.
                    int ignored = (int) invalidateInode.invokeExact(channel, node, offsetBytes, lengthBytes);
                }
            } catch (Throwable impossible) {
                throw new AssertionError(impossible);
            } finally {
                ending.unlock();
            }
        }
    }
}

package io.mdfuse.fuse;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.mdfuse.device.PathBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import jnr.ffi.LibraryLoader;
import jnr.ffi.mapper.FunctionMapper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** libfuse 3 as it is installed: loads the newest version, and mounts. */
final class Fuse3Library {
    private static final Logger LOG = LoggerFactory.getLogger(Fuse3Library.class);
    private static final List<String> SONAMES = List.of("libfuse3.so.4", "libfuse3.so.3");

    /** {@code struct fuse_args}: the number of arguments, their addresses, whether libfuse allocated them. */
    private static final long ARGS_BYTES = 24;

    private static final long ARGS_COUNT = 0;
    private static final long ARGS_VECTOR = 8;

    private final Fuse3Functions functions;
    private final Fuse3Abi abi;
    private final String version;

    private Fuse3Library(Fuse3Functions functions, String version) throws MountException {
        this.functions = functions;
        this.version = version;
        this.abi = Fuse3Abi.of(version);
    }

    /** Loads the newest library that is installed; if there is none, the error names the package that contains it. */
    static Fuse3Library load() throws MountException {
        for (String soname : SONAMES) {
            try {
                Fuse3Functions functions = LibraryLoader.create(Fuse3Functions.class)
                        .mapper((String name, FunctionMapper.Context _) ->
                                Fuse3Functions.SYMBOLS.getOrDefault(name, name))
                        .load(soname);
                return new Fuse3Library(functions, functions.packageVersion());
            } catch (UnsatisfiedLinkError missing) {
                LOG.debug("{} can't be used", soname, missing);
            }
        }
        throw new MountException(SONAMES.getLast() + " cannot be loaded; install it: apt install fuse3");
    }

    Fuse3Abi abi() {
        return abi;
    }

    String version() {
        return version;
    }

    Fuse3Functions functions() {
        return functions;
    }

    /** The kernel's number of the thread that makes the current request; 0 if its process can't be seen from here. */
    int callingThread() {
        return NativeMemory.segment(functions.context(), Fuse3Abi.CONTEXT_BYTES).get(JAVA_INT, Fuse3Abi.CONTEXT_PID);
    }

    /**
     * Makes a session, mounts it and answers the kernel's first message. Further requests wait until a thread runs the
     * loop.
     *
     * @param arguments options as for a main function, without the program's name
     * @param operations {@code struct fuse_operations}; libfuse copies it
     * @return null if libfuse refused, having printed the reason on standard error
     */
    @Nullable
    Fuse3Session mount(Path mountPoint, List<String> arguments, MemorySegment operations) {
        try (Arena arena = Arena.ofConfined()) {
            long fuse = newSession(arena, arguments, operations);
            if (fuse == 0) {
                return null;
            }
            if (functions.mount(
                            fuse,
                            arena.allocateFrom(mountPoint.toString(), PathBytes.CHARSET)
                                    .address())
                    != 0) {
                functions.destroy(fuse);
                return null;
            }
            Fuse3Handshake.run(functions, functions.lowLevelSession(fuse));
            return new Fuse3Session(functions, fuse);
        }
    }

    private long newSession(Arena arena, List<String> arguments, MemorySegment operations) {
        MemorySegment vector = arena.allocate(ADDRESS, arguments.size() + 2L);
        vector.setAtIndex(ADDRESS, 0, arena.allocateFrom("mdfuse"));
        for (int i = 0; i < arguments.size(); i++) {
            vector.setAtIndex(ADDRESS, i + 1L, arena.allocateFrom(arguments.get(i), PathBytes.CHARSET));
        }
        MemorySegment args = arena.allocate(ARGS_BYTES, ADDRESS.byteAlignment());
        args.set(JAVA_INT, ARGS_COUNT, arguments.size() + 1);
        args.set(ADDRESS, ARGS_VECTOR, vector);
        try {
            if (!abi.takesHeaderVersion()) {
                return functions.newSession(args.address(), operations.address(), operations.byteSize(), 0);
            }
            MemorySegment headers = arena.allocateFrom(JAVA_INT, 3, abi.minor(), abi.patch(), 0);
            return functions.newSessionForHeaders(
                    args.address(), operations.address(), operations.byteSize(), headers.address(), 0);
        } finally {
            functions.freeArguments(args.address());
        }
    }
}

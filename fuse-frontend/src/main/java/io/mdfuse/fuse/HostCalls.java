package io.mdfuse.fuse;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.mdfuse.device.PathBytes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** The C library functions that a file system's process needs and Java does not offer. */
public final class HostCalls {
    private static final int PR_SET_IO_FLUSHER = 57;
    private static final int MFD_CLOEXEC = 1;
    private static final int O_WRONLY_CREAT_APPEND = 02101;
    private static final int OWNER_WRITES_ALL_READ = 0644;

    private static final MethodHandle PRCTL = find(
            "prctl",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    private static final MethodHandle SETSID = find("setsid", FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle OPEN = find(
            "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), Linker.Option.firstVariadicArg(2));
    private static final MethodHandle DUP = find("dup", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle DUP2 = find("dup2", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle MEMFD_CREATE =
            find("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle FTRUNCATE =
            find("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle CLOSE = find("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private HostCalls() {}

    @SuppressWarnings("restricted") // Calls the C library; the descriptors above are its declarations.
    static MethodHandle find(String name, FunctionDescriptor type, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type, options);
    }

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

    /**
     * Makes this process the leader of a session of its own; does nothing if the process leads a process group already.
     */
    static void setsid() {
        try {
            int ignored = (int) SETSID.invokeExact();
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /**
     * Redirects an open descriptor to a file.
     *
     * @return false if the file cannot be opened for appending; then nothing has changed
     */
    static boolean reopenForAppend(int descriptor, String path) {
        try (Arena arena = Arena.ofConfined()) {
            int opened = (int) OPEN.invokeExact(
                    arena.allocateFrom(path, PathBytes.CHARSET), O_WRONLY_CREAT_APPEND, OWNER_WRITES_ALL_READ);
            if (opened < 0) {
                return false;
            }
            int duplicate = (int) DUP2.invokeExact(opened, descriptor);
            int ignored = (int) CLOSE.invokeExact(opened);
            return duplicate == descriptor;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** open(2); a negative number if that fails. */
    static int open(String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) OPEN.invokeExact(arena.allocateFrom(path), flags, 0);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /**
     * A new file in memory, of this size and without content, for reading and writing; to be closed by {@link #close}.
     *
     * @throws IOException if the kernel refuses it
     */
    public static int memoryFile(String name, long sizeBytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int descriptor = (int) MEMFD_CREATE.invokeExact(arena.allocateFrom(name), MFD_CLOEXEC);
            if (descriptor < 0) {
                throw new IOException("no file in memory could be made");
            }
            if ((int) FTRUNCATE.invokeExact(descriptor, sizeBytes) != 0) {
                close(descriptor);
                throw new IOException("no file in memory of " + sizeBytes + " bytes could be made");
            }
            return descriptor;
        } catch (IOException e) {
            throw e;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** close(2). */
    public static void close(int descriptor) {
        try {
            int unused = (int) CLOSE.invokeExact(descriptor);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** A duplicate of {@code descriptor}. */
    static int duplicate(int descriptor) {
        try {
            return (int) DUP.invokeExact(descriptor);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Makes {@code descriptor} a duplicate of {@code saved}, and closes {@code saved}. */
    static void restoreDescriptor(int saved, int descriptor) {
        try {
            int unused = (int) DUP2.invokeExact(saved, descriptor);
            int unusedStatus = (int) CLOSE.invokeExact(saved);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }
}

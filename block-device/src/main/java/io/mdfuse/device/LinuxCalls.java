package io.mdfuse.device;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * The functions of the C library that {@link FileDevice} uses.
 *
 * <p>{@code FileChannel} is not used for three reasons: an interrupt of one thread closes a FileChannel for all threads
 * that use it; fallocate, flock and O_EXCL need the descriptor; and the message for the user depends on the error
 * number.
 *
 * <p>Unless a method says otherwise, it returns the result of the call, or the negated error number, as the kernel
 * does. A failed call throws no exception. Only methods with a path allocate memory. The caller repeats a call after
 * {@link Errno#EINTR}. All methods may be used by several threads.
 */
@SuppressWarnings("restricted")
final class LinuxCalls {
    private static final int MAX_MESSAGE_BYTES = 1024;
    /** The size of the kernel's {@code struct statx}. */
    static final int STATX_BYTES = 256;

    /** The offset of stx_blocks in it, in units of 512 bytes. */
    static final int STX_BLOCKS_OFFSET = 48;

    private static final int SYNC_FILE_RANGE_WRITE = 2;
    private static final int RLIMIT_FSIZE = 1;
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");

    /** The memory for errno of each thread, allocated at the thread's first call. */
    private static final ThreadLocal<MemorySegment> CALL_STATE_CELL =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CALL_STATE));

    private static final MethodHandle OPEN =
            bind("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE = bind("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle PREAD = bind("pread", positional());
    private static final MethodHandle PWRITE = bind("pwrite", positional());
    private static final MethodHandle LSEEK =
            bind("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
    private static final MethodHandle FDATASYNC = bind("fdatasync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle FALLOCATE =
            bind("fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle FADVISE =
            bind("posix_fadvise", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle SYNC_FILE_RANGE =
            bind("sync_file_range", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle GETRLIMIT = bind("getrlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle FLOCK = bind("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle FCNTL = bind(
            "fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS), Linker.Option.firstVariadicArg(2));
    private static final MethodHandle IOCTL = bind(
            "ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), Linker.Option.firstVariadicArg(2));
    private static final MethodHandle FSTATFS = bind("fstatfs", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle STATX =
            bind("statx", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle STRERROR = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private LinuxCalls() {}

    private static FunctionDescriptor positional() {
        return FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
    }

    private static MethodHandle bind(String symbol, FunctionDescriptor descriptor, Linker.Option... more) {
        Linker.Option[] options = new Linker.Option[more.length + 1];
        options[0] = CAPTURE_ERRNO;
        System.arraycopy(more, 0, options, 1, more.length);
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(symbol), descriptor, options);
    }

    /** Opens an existing path; the flags must not contain O_CREAT. Returns a descriptor. */
    static int open(Path path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CALL_STATE_CELL.get();
            return result(state, (int) OPEN.invokeExact(state, name(arena, path), flags));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** The path's bytes with a terminating zero. */
    private static MemorySegment name(Arena arena, Path path) {
        byte[] bytes = PathBytes.of(path);
        MemorySegment name = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, name, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return name;
    }

    static int close(int descriptor) {
        try {
            MemorySegment state = CALL_STATE_CELL.get();
            return result(state, (int) CLOSE.invokeExact(state, descriptor));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Reads into a native segment; returns the number of bytes read, 0 at the end of the file. */
    static long pread(int descriptor, MemorySegment target, long offsetBytes) {
        try {
            MemorySegment state = CALL_STATE_CELL.get();
            return result(state, (long) PREAD.invokeExact(state, descriptor, target, target.byteSize(), offsetBytes));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Writes a native segment; returns the number of bytes written. */
    static long pwrite(int descriptor, MemorySegment source, long offsetBytes) {
        try {
            MemorySegment state = CALL_STATE_CELL.get();
            return result(state, (long) PWRITE.invokeExact(state, descriptor, source, source.byteSize(), offsetBytes));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Starts the writeback of the dirty pages of a range (SYNC_FILE_RANGE_WRITE), without waiting for its end. */
    static int beginWriteback(int descriptor, long offsetBytes, long lengthBytes) {
        try {
            MemorySegment state = CALL_STATE_CELL.get();
            return result(state, (int)
                    SYNC_FILE_RANGE.invokeExact(state, descriptor, offsetBytes, lengthBytes, SYNC_FILE_RANGE_WRITE));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static long lseek(int descriptor, long offsetBytes, int whence) {
        try {
            MemorySegment state = CALL_STATE_CELL.get();
            return result(state, (long) LSEEK.invokeExact(state, descriptor, offsetBytes, whence));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int fdatasync(int descriptor) {
        try {
            MemorySegment state = CALL_STATE_CELL.get();
            return result(state, (int) FDATASYNC.invokeExact(state, descriptor));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int fallocate(int descriptor, int mode, long offsetBytes, long lengthBytes) {
        try {
            MemorySegment state = CALL_STATE_CELL.get();
            return result(state, (int) FALLOCATE.invokeExact(state, descriptor, mode, offsetBytes, lengthBytes));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Returns 0 or the error number, not negated: posix_fadvise does not use errno. */
    static int fadvise(int descriptor, long offsetBytes, long lengthBytes, int advice) {
        try {
            MemorySegment state = CALL_STATE_CELL.get();
            return (int) FADVISE.invokeExact(state, descriptor, offsetBytes, lengthBytes, advice);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** RLIMIT_FSIZE: the size in bytes beyond which this process may not write a file; Long.MAX_VALUE for no limit. */
    static long fileSizeLimitBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CALL_STATE_CELL.get();
            MemorySegment limits = arena.allocate(JAVA_LONG, 2);
            int answer = (int) GETRLIMIT.invokeExact(state, RLIMIT_FSIZE, limits);
            long limitBytes = limits.get(JAVA_LONG, 0);
            // RLIM_INFINITY is all ones.
            return answer < 0 || limitBytes < 0 ? Long.MAX_VALUE : limitBytes;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int flock(int descriptor, int operation) {
        try {
            MemorySegment state = CALL_STATE_CELL.get();
            return result(state, (int) FLOCK.invokeExact(state, descriptor, operation));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Calls fcntl with a command that takes a {@code struct flock}. */
    static int fcntl(int descriptor, int command, MemorySegment flock) {
        try {
            MemorySegment state = CALL_STATE_CELL.get();
            return result(state, (int) FCNTL.invokeExact(state, descriptor, command, flock));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Calls ioctl with a request that fills {@code target}. */
    static int ioctl(int descriptor, long request, MemorySegment target) {
        try {
            MemorySegment state = CALL_STATE_CELL.get();
            return result(state, (int) IOCTL.invokeExact(state, descriptor, request, target));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Fills {@code statfs}, a {@code struct statfs} of 120 bytes, which begins with the file system's magic number. */
    static int fstatfs(int descriptor, MemorySegment statfs) {
        try {
            MemorySegment state = CALL_STATE_CELL.get();
            return result(state, (int) FSTATFS.invokeExact(state, descriptor, statfs));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Fills {@code statx}, the kernel's {@code struct statx} of 256 bytes, for a path; symbolic links are followed. */
    static int statx(Path path, MemorySegment statx) {
        try (Arena arena = Arena.ofConfined()) {
            return statx(AT_FDCWD, name(arena, path), 0, statx);
        }
    }

    /** Fills {@code statx} for an open descriptor. */
    static int statx(int descriptor, MemorySegment statx) {
        try (Arena arena = Arena.ofConfined()) {
            return statx(descriptor, arena.allocateFrom(""), AT_EMPTY_PATH, statx);
        }
    }

    private static int statx(int directory, MemorySegment path, int flags, MemorySegment statx) {
        try {
            MemorySegment state = CALL_STATE_CELL.get();
            return result(state, (int) STATX.invokeExact(state, directory, path, flags, STATX_BASIC_STATS, statx));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Calls ioctl with a request that fills an int; returns the int, or the negated error number. */
    static int ioctlForInt(int descriptor, long request) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(JAVA_INT);
            int answer = ioctl(descriptor, request, number);
            return answer < 0 ? answer : number.get(JAVA_INT, 0);
        }
    }

    /** The C library's message for an error number, such as {@code Input/output error}. */
    static String message(int errno) {
        try {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
            return text.reinterpret(MAX_MESSAGE_BYTES).getString(0);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    private static int result(MemorySegment state, int answer) {
        return answer >= 0 ? answer : -(int) ERRNO.get(state, 0L);
    }

    private static long result(MemorySegment state, long answer) {
        return answer >= 0 ? answer : -(int) ERRNO.get(state, 0L);
    }

    /** A downcall declares Throwable but throws no checked exception. It fails only if a segment's arena is closed. */
    private static RuntimeException impossible(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
    }
}

package io.mdfuse.fuse;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import jnr.ffi.annotations.Delegate;
import org.jspecify.annotations.Nullable;
import ru.serce.jnrfuse.FuseException;
import ru.serce.jnrfuse.FuseFillDir;
import ru.serce.jnrfuse.FuseStubFS;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseFileInfo;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * libfuse 2 by jnr-fuse; the only class that uses jnr-fuse. Each callback is one line, which passes its arguments to
 * {@link VolumeOperations} and every failure to {@link ErrnoLadder}.
 *
 * <p>Three things differ from the usual use of jnr-fuse:
 *
 * <ul>
 *   <li>{@link #mount} runs libfuse's loop on Java threads of its own; {@link LibFuse} says why.
 *   <li>The callbacks for read, write and getxattr are closures of plain longs, because jnr-fuse's own make a string, a
 *       pointer and a struct for each call. getxattr is among them since the kernel asks for {@code
 *       security.capability} before every buffered write. Buffers become memory segments by address and are copied in
 *       bulk.
 *   <li>libfuse is told that calls on an open file need no path, so that it does not build one.
 * </ul>
 *
 * <p>An operation that is not overridden here is not registered, and the kernel answers it by itself.
 */
final class JnrFuseBinding extends FuseStubFS {
    /** {@code flag_nullpath_ok | flag_nopath}, which follow the bmap slot in {@code struct fuse_operations}. */
    private static final byte PATHS_NOT_NEEDED = 3;

    private static final int POINTER_BYTES = 8;

    /** Offsets in libfuse 2's {@code struct fuse_file_info}, in bytes. */
    private static final long FILE_INFO_WRITEPAGE = 16;

    private static final long FILE_INFO_HANDLE = 24;
    private static final long FILE_INFO_BYTES = 40;

    /** The first letter of {@code user.}, with which all attributes of this file system begin. */
    private static final byte ATTRIBUTE_INITIAL = 'u';

    private final LibFuse library;
    private final VolumeOperations operations;
    private final RequestGate gate;
    private final ErrnoLadder ladder = new ErrnoLadder();
    private final int threadCount;

    /** Referenced for as long as libfuse may call: a collected closure would crash the session. */
    private final List<Object> closures = new ArrayList<>();

    private @Nullable LoopThreads threads;
    private volatile LibFuse.@Nullable Session session;

    JnrFuseBinding(LibFuse library, VolumeOperations operations, RequestGate gate, int threadCount) {
        this.library = library;
        this.operations = operations;
        this.gate = gate;
        this.threadCount = threadCount;
        Pointer slots = Struct.getMemory(fuseOperations);
        fill(slots, fuseOperations.read.offset(), TransferCallback.class, this::readInto);
        fill(slots, fuseOperations.write.offset(), TransferCallback.class, this::writeFrom);
        fill(slots, fuseOperations.getxattr.offset(), AttributeCallback.class, this::attribute);
        slots.putByte(fuseOperations.bmap.offset() + POINTER_BYTES, PATHS_NOT_NEEDED);
    }

    /** libfuse's read and write, with every pointer as a number. */
    public interface TransferCallback {
        @Delegate
        int call(long path, long buffer, long lengthBytes, long offsetBytes, long fileInfo);
    }

    /** libfuse's getxattr, with every pointer as a number. */
    public interface AttributeCallback {
        @Delegate
        int call(long path, long name, long buffer, long capacityBytes);
    }

    private <T> void fill(Pointer slots, long offset, Class<T> type, T callback) {
        closures.add(callback);
        Pointer closure = Runtime.getSystemRuntime().getClosureManager().getClosurePointer(type, callback);
        closures.add(closure);
        slots.putPointer(offset, closure);
    }

    /**
     * Mounts and starts the threads that serve.
     *
     * @throws FuseException if libfuse refuses; the message is libfuse's own
     */
    @Override
    public void mount(Path mountPoint, boolean blocking, boolean debug, String[] fuseOpts) {
        List<String> arguments = new ArrayList<>(List.of("mdfuse", debug ? "-d" : "-f", mountPoint.toString()));
        arguments.addAll(List.of(fuseOpts));
        // jnr keeps the struct on Java's heap, so its content is passed, not its address.
        byte[] slots = new byte[Struct.size(fuseOperations)];
        Struct.getMemory(fuseOperations).get(0, slots, 0, slots.length);
        NativeErrors errors = NativeErrors.capture();
        LibFuse.Session mounted = library.setup(arguments, slots);
        String words = errors.end();
        if (mounted == null) {
            throw new FuseException(words);
        }
        if (!words.isEmpty()) {
            System.err.println(words);
        }
        session = mounted;
        threads = LoopThreads.start(mounted, threadCount);
        if (blocking) {
            umount();
        }
    }

    /** As {@link #mount}, but a refusal is a {@link MountException}. */
    void mountOrRefuse(Path mountPoint, List<String> options) throws MountException {
        try {
            mount(mountPoint, false, false, options.toArray(String[]::new));
        } catch (FuseException refused) {
            throw new MountException("cannot mount on " + mountPoint + ": " + refused.getMessage());
        }
    }

    /** Waits until the kernel has ended the mount and the last request is answered, and frees the session. */
    @Override
    public void umount() {
        LoopThreads ending = threads;
        threads = null;
        if (ending != null) {
            ending.awaitEnd();
        }
    }

    /**
     * Keeps the kernel's page cache of the file consistent from now on.
     *
     * @param node libfuse's number of the file, which the kernel shows as the inode number
     */
    void keepPageCacheConsistent(long node) {
        LibFuse.Session mounted = session;
        if (mounted != null) {
            PageCache cache = PageCache.start((from, end) -> mounted.invalidate(node, from, end - from));
            operations.notifyCache(cache::drop);
        }
    }

    /** See {@link VolumeOperations#stopLongRequests}. */
    void stopLongRequests() {
        operations.stopLongRequests();
    }

    private int readInto(long path, long buffer, long lengthBytes, long offsetBytes, long fileInfo) {
        return answer("read", () -> operations.read(handle(fileInfo), offsetBytes, segment(buffer, lengthBytes)));
    }

    private int writeFrom(long path, long buffer, long lengthBytes, long offsetBytes, long fileInfo) {
        return answer("write", () -> operations.write(writer(fileInfo), offsetBytes, segment(buffer, lengthBytes)));
    }

    private int attribute(long path, long name, long buffer, long capacityBytes) {
        if (segment(name, 1).get(ValueLayout.JAVA_BYTE, 0) != ATTRIBUTE_INITIAL) {
            return FuseErrno.ENODATA.answer();
        }
        return answer("getxattr", () -> {
            byte[] value = operations.attribute(string(path), string(name), capacityBytes);
            return copy(value, buffer, capacityBytes);
        });
    }

    @Override
    public int getattr(String path, FileStat stat) {
        return answer("getattr", () -> fillStat(operations.status(path), stat));
    }

    @Override
    public int fgetattr(String path, FileStat stat, FuseFileInfo info) {
        return answer("fgetattr", () -> fillStat(operations.fileStatus(), stat));
    }

    @Override
    public int open(String path, FuseFileInfo info) {
        return done("open", () -> info.fh.set(operations.open(path, info.flags.get(), callingThread())));
    }

    @Override
    public int release(String path, FuseFileInfo info) {
        return done("release", () -> operations.release(info.fh.get()));
    }

    @Override
    public int fsync(String path, int dataOnly, FuseFileInfo info) {
        return done("fsync", () -> operations.flush());
    }

    @Override
    public int truncate(String path, long sizeBytes) {
        return done("truncate", () -> operations.truncate(path, sizeBytes, callingThread()));
    }

    @Override
    public int ftruncate(String path, long sizeBytes, FuseFileInfo info) {
        return done("ftruncate", () -> operations.truncate(info.fh.get(), sizeBytes));
    }

    @Override
    public int fallocate(String path, int mode, long offsetBytes, long lengthBytes, FuseFileInfo info) {
        return done("fallocate", () -> operations.allocate(info.fh.get(), mode, offsetBytes, lengthBytes));
    }

    @Override
    public int utimens(String path, Timespec[] times) {
        return done(
                "utimens",
                () -> operations.setModified(
                        path, Instant.ofEpochSecond(times[1].tv_sec.get(), times[1].tv_nsec.longValue())));
    }

    @Override
    public int statfs(String path, Statvfs stat) {
        return answer("statfs", () -> {
            stat.f_bsize.set(VolumeOperations.BLOCK_BYTES);
            stat.f_frsize.set(VolumeOperations.BLOCK_BYTES);
            stat.f_blocks.set(operations.blockCount());
            stat.f_bfree.set(0);
            stat.f_bavail.set(0);
            stat.f_files.set(1);
            stat.f_ffree.set(0);
            stat.f_favail.set(0);
            stat.f_namemax.set(255);
            return 0;
        });
    }

    @Override
    public int opendir(String path, FuseFileInfo info) {
        return done("opendir", () -> operations.requireDirectory(path));
    }

    @Override
    public int readdir(String path, Pointer buffer, FuseFillDir filler, long offset, FuseFileInfo info) {
        return answer("readdir", () -> {
            for (String name : List.of(".", "..", operations.fileName())) {
                filler.apply(buffer, name, null, 0);
            }
            return 0;
        });
    }

    @Override
    public int listxattr(String path, Pointer buffer, long capacityBytes) {
        return answer("listxattr", () -> {
            byte[] names = operations.attributeNames(path, capacityBytes);
            return copy(names, buffer == null ? 0 : buffer.address(), capacityBytes);
        });
    }

    @Override
    public int setxattr(String path, String name, Pointer value, long lengthBytes, int flags) {
        return done("setxattr", () -> {
            byte[] bytes = new byte[(int) lengthBytes];
            value.get(0, bytes, 0, bytes.length);
            operations.setAttribute(path, name, bytes);
        });
    }

    @Override
    public int removexattr(String path, String name) {
        return done("removexattr", () -> operations.setAttribute(path, name));
    }

    /** For {@link AttributeRequest} alone. */
    @Override
    public int ioctl(String path, int command, Pointer argument, FuseFileInfo info, long flags, Pointer data) {
        return done("ioctl", () -> {
            if (command != AttributeRequest.NUMBER || data == null) {
                throw new OperationRefused(FuseErrno.ENOTTY);
            }
            byte[] bytes = new byte[AttributeRequest.ARGUMENT_BYTES];
            data.get(0, bytes, 0, bytes.length);
            List<String> words = AttributeRequest.decode(bytes);
            operations.setReadOnlyAttribute(words.getFirst(), words.getLast());
        });
    }

    @FunctionalInterface
    private interface Request {
        int serve() throws Exception;
    }

    @FunctionalInterface
    private interface Action {
        void run() throws Exception;
    }

    private int done(String operation, Action action) {
        return answer(operation, () -> {
            action.run();
            return 0;
        });
    }

    /** Serves one request inside the gate; every failure becomes an error number. */
    private int answer(String operation, Request request) {
        if (!gate.enter()) {
            return FuseErrno.ESHUTDOWN.answer();
        }
        try {
            return request.serve();
        } catch (Throwable failure) {
            return ladder.answer(operation, failure);
        } finally {
            gate.leave();
        }
    }

    private static int fillStat(NodeStatus status, FileStat stat) {
        stat.st_mode.set(status.mode());
        stat.st_nlink.set(status.links());
        stat.st_uid.set(status.uid());
        stat.st_gid.set(status.gid());
        stat.st_size.set(status.sizeBytes());
        stat.st_blocks.set(status.sizeBytes() / 512);
        stat.st_blksize.set(VolumeOperations.BLOCK_BYTES);
        Instant modified = status.modified();
        for (Timespec time : List.of(stat.st_atim, stat.st_mtim, stat.st_ctim)) {
            time.tv_sec.set(modified.getEpochSecond());
            time.tv_nsec.set(modified.getNano());
        }
        return 0;
    }

    /** The kernel's number of the thread that makes the request; 0 if its process can't be seen from here. */
    private long callingThread() {
        return getContext().pid.get();
    }

    /** The handle that {@code struct fuse_file_info} names. */
    private static long handle(long fileInfo) {
        return segment(fileInfo, FILE_INFO_BYTES).get(ValueLayout.JAVA_LONG, FILE_INFO_HANDLE);
    }

    /**
     * The handle that writes; {@link OpenFiles#NO_HANDLE} for a page of a shared mapping, since the kernel sends such a
     * page with the handle of any writer.
     */
    private static long writer(long fileInfo) {
        boolean mapped = segment(fileInfo, FILE_INFO_BYTES).get(ValueLayout.JAVA_INT, FILE_INFO_WRITEPAGE) != 0;
        return mapped ? OpenFiles.NO_HANDLE : handle(fileInfo);
    }

    private static int copy(byte[] value, long buffer, long capacityBytes) {
        if (capacityBytes != 0) {
            segment(buffer, value.length).copyFrom(MemorySegment.ofArray(value));
        }
        return value.length;
    }

    private static String string(long address) {
        return segment(address, Long.MAX_VALUE).getString(0, StandardCharsets.UTF_8);
    }

    @SuppressWarnings("restricted") // The buffer is libfuse's and valid while the callback runs.
    private static MemorySegment segment(long address, long lengthBytes) {
        return MemorySegment.ofAddress(address).reinterpret(lengthBytes);
    }
}

package io.mdfuse.fuse;

import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import jnr.ffi.annotations.Delegate;
import ru.serce.jnrfuse.FuseFillDir;
import ru.serce.jnrfuse.FuseStubFS;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseFileInfo;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * The front end {@code jnr-fuse}: libfuse 2 by jnr-fuse. Each callback is one line, which passes its arguments to
 * {@link ServedDirectory}, within {@link GuardedRequests}.
 *
 * <p>Three things differ from the usual use of jnr-fuse:
 *
 * <ul>
 *   <li>libfuse's loop runs on Java threads of our own; {@link LibFuse} says why.
 *   <li>The callbacks for read, write and getxattr are closures of plain longs, because jnr-fuse's own make a string, a
 *       pointer and a struct for each call. getxattr is among them since the kernel asks for {@code
 *       security.capability} before every buffered write. Buffers become memory segments by address and are copied in
 *       bulk.
 *   <li>libfuse is told that calls on an open file need no path, so that it does not build one.
 * </ul>
 *
 * <p>An operation that is not overridden here is not registered, and the kernel answers it by itself.
 */
final class JnrFuseBinding extends FuseStubFS implements FuseBinding {
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
    private final ServedDirectory files;
    private final GuardedRequests requests;

    /** Referenced for as long as libfuse may call: a collected closure would crash the session. */
    private final List<Object> closures = new ArrayList<>();

    JnrFuseBinding(LibFuse library, ServedDirectory files, GuardedRequests requests) {
        this.library = library;
        this.files = files;
        this.requests = requests;
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

    @Override
    public String description() {
        return Frontend.JNR_FUSE.word() + " (libfuse " + library.version() + ")";
    }

    @Override
    public NativeSession mount(Path mountPoint, MountOptions options, String volumeName, boolean readOnly)
            throws MountException {
        List<String> arguments = new ArrayList<>(List.of("mdfuse", "-f", mountPoint.toString()));
        arguments.addAll(options.toArguments(volumeName, readOnly));
        // jnr keeps the struct on Java's heap, so its content is passed, not its address.
        byte[] slots = new byte[Struct.size(fuseOperations)];
        Struct.getMemory(fuseOperations).get(0, slots, 0, slots.length);
        return NativeErrors.during(mountPoint, () -> library.setup(arguments, slots));
    }

    private int readInto(long path, long buffer, long lengthBytes, long offsetBytes, long fileInfo) {
        return requests.answer(
                "read", () -> files.read(handle(fileInfo), offsetBytes, NativeMemory.segment(buffer, lengthBytes)));
    }

    private int writeFrom(long path, long buffer, long lengthBytes, long offsetBytes, long fileInfo) {
        return requests.answer(
                "write", () -> files.write(writer(fileInfo), offsetBytes, NativeMemory.segment(buffer, lengthBytes)));
    }

    private int attribute(long path, long name, long buffer, long capacityBytes) {
        if (NativeMemory.segment(name, 1).get(ValueLayout.JAVA_BYTE, 0) != ATTRIBUTE_INITIAL) {
            return FuseErrno.ENODATA.answer();
        }
        return requests.answer("getxattr", () -> {
            byte[] value = files.attribute(NativeMemory.string(path), NativeMemory.string(name), capacityBytes);
            return NativeMemory.copy(value, buffer, capacityBytes);
        });
    }

    @Override
    public int getattr(String path, FileStat stat) {
        return requests.done("getattr", () -> NativeStructs.fill(stat, files.status(path)));
    }

    @Override
    public int fgetattr(String path, FileStat stat, FuseFileInfo info) {
        return requests.done("fgetattr", () -> NativeStructs.fill(stat, files.fileStatus(info.fh.get())));
    }

    @Override
    public int open(String path, FuseFileInfo info) {
        return requests.done("open", () -> info.fh.set(files.open(path, info.flags.get(), callingThread())));
    }

    @Override
    public int release(String path, FuseFileInfo info) {
        return requests.done("release", () -> files.release(info.fh.get()));
    }

    @Override
    public int fsync(String path, int dataOnly, FuseFileInfo info) {
        return requests.done("fsync", () -> files.flush(info.fh.get()));
    }

    @Override
    public int truncate(String path, long sizeBytes) {
        return requests.done("truncate", () -> files.truncate(path, sizeBytes, callingThread()));
    }

    @Override
    public int ftruncate(String path, long sizeBytes, FuseFileInfo info) {
        return requests.done("ftruncate", () -> files.truncate(info.fh.get(), sizeBytes));
    }

    @Override
    public int fallocate(String path, int mode, long offsetBytes, long lengthBytes, FuseFileInfo info) {
        return requests.done("fallocate", () -> files.allocate(info.fh.get(), mode, offsetBytes, lengthBytes));
    }

    @Override
    public int utimens(String path, Timespec[] times) {
        return requests.done(
                "utimens",
                () -> files.setModified(
                        path, Instant.ofEpochSecond(times[1].tv_sec.get(), times[1].tv_nsec.longValue())));
    }

    @Override
    public int statfs(String path, Statvfs stat) {
        return requests.done("statfs", () -> NativeStructs.fill(stat, files.blockCount()));
    }

    @Override
    public int opendir(String path, FuseFileInfo info) {
        return requests.done("opendir", () -> files.requireDirectory(path));
    }

    @Override
    public int readdir(String path, Pointer buffer, FuseFillDir filler, long offset, FuseFileInfo info) {
        return requests.answer("readdir", () -> {
            for (String name : files.entries()) {
                filler.apply(buffer, name, null, 0);
            }
            return 0;
        });
    }

    @Override
    public int listxattr(String path, Pointer buffer, long capacityBytes) {
        return requests.answer("listxattr", () -> {
            byte[] names = files.attributeNames(path, capacityBytes);
            return NativeMemory.copy(names, buffer == null ? 0 : buffer.address(), capacityBytes);
        });
    }

    @Override
    public int setxattr(String path, String name, Pointer value, long lengthBytes, int flags) {
        return requests.done("setxattr", () -> {
            byte[] bytes = new byte[(int) lengthBytes];
            value.get(0, bytes, 0, bytes.length);
            files.setAttribute(path, name, bytes);
        });
    }

    @Override
    public int removexattr(String path, String name) {
        return requests.done("removexattr", () -> files.setAttribute(path, name));
    }

    /** For {@link AttributeRequest} alone. */
    @Override
    public int ioctl(String path, int command, Pointer argument, FuseFileInfo info, long flags, Pointer data) {
        return requests.done("ioctl", () -> {
            if (command != AttributeRequest.NUMBER || data == null) {
                throw new OperationRefused(FuseErrno.ENOTTY);
            }
            byte[] bytes = new byte[AttributeRequest.ARGUMENT_BYTES];
            data.get(0, bytes, 0, bytes.length);
            List<String> words = AttributeRequest.decode(bytes);
            files.setReadOnlyAttribute(info.fh.get(), words.getFirst(), words.getLast());
        });
    }

    /** The kernel's number of the thread that makes the request; 0 if its process can't be seen from here. */
    private long callingThread() {
        return getContext().pid.get();
    }

    /** The handle that {@code struct fuse_file_info} names. */
    private static long handle(long fileInfo) {
        return NativeMemory.segment(fileInfo, FILE_INFO_BYTES).get(ValueLayout.JAVA_LONG, FILE_INFO_HANDLE);
    }

    /**
     * The handle that writes; {@link OpenFiles#NO_HANDLE} of its file for a page of a shared mapping, since the kernel
     * sends such a page with the handle of any writer.
     */
    private static long writer(long fileInfo) {
        boolean mapped =
                NativeMemory.segment(fileInfo, FILE_INFO_BYTES).get(ValueLayout.JAVA_INT, FILE_INFO_WRITEPAGE) != 0;
        return mapped ? ServedDirectory.withoutHandle(handle(fileInfo)) : handle(fileInfo);
    }
}

package io.mdfuse.fuse;

import static io.mdfuse.fuse.NativeMemory.segment;
import static io.mdfuse.fuse.NativeMemory.string;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The front end {@code fuse3}: libfuse 3 by jnr-ffi. Each callback is one line, which passes its arguments to {@link
 * ServedDirectory}, within {@link GuardedRequests}. Buffers become memory segments by address; the structs of the C
 * library are jnr-fuse's, those of libfuse are {@link Fuse3Abi}'s.
 *
 * <p>An operation that is not registered here the kernel answers by itself. libfuse passes no path if there is an open
 * file.
 */
final class Fuse3Binding implements FuseBinding {
    /** The first letter of {@code user.}, with which all attributes of this file system begin. */
    private static final byte ATTRIBUTE_INITIAL = 'u';

    /** open(2)'s flag, whose value depends on the machine. */
    private static final int O_DIRECT = System.getProperty("os.arch").equals("aarch64") ? 0200000 : 040000;

    /** Special values of tv_nsec in utimensat(2). */
    private static final long UTIME_NOW = (1L << 30) - 1;

    private static final long UTIME_OMIT = (1L << 30) - 2;

    /** {@code struct timespec[2]}: the time of the last access and that of the last change. */
    private static final long TIMES_BYTES = 32;

    private static final long CHANGE_SECONDS = 16;
    private static final long CHANGE_NANOS = 24;

    private final Fuse3Library library;
    private final ServedDirectory files;
    private final GuardedRequests requests;
    private final Fuse3Slots slots = new Fuse3Slots();
    private final DirectoryFiller filler = new DirectoryFiller();
    private @Nullable Fuse3Connection connection;

    Fuse3Binding(Fuse3Library library, ServedDirectory files, GuardedRequests requests) {
        this.library = library;
        this.files = files;
        this.requests = requests;
    }

    @Override
    public String description() {
        return Frontend.FUSE3.word() + " (libfuse " + library.version() + ")";
    }

    @Override
    public NativeSession mount(Path mountPoint, MountOptions options, String volumeName, boolean readOnly)
            throws MountException {
        Fuse3Options translated = Fuse3Options.of(options, volumeName, readOnly);
        connection = new Fuse3Connection(library.abi(), translated.connection());
        fillSlots();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment table = slots.table(arena);
            return NativeErrors.during(mountPoint, () -> library.mount(mountPoint, translated.arguments(), table));
        }
    }

    private void fillSlots() {
        slots.fill(Fuse3Slots.INIT, Fuse3Callbacks.Init.class, this::init);
        slots.fill(Fuse3Slots.GETATTR, Fuse3Callbacks.ThreeLongs.class, this::status);
        slots.fill(Fuse3Slots.OPEN, Fuse3Callbacks.TwoPointers.class, this::open);
        slots.fill(Fuse3Slots.RELEASE, Fuse3Callbacks.TwoPointers.class, this::release);
        slots.fill(Fuse3Slots.READ, Fuse3Callbacks.Transfer.class, this::read);
        slots.fill(Fuse3Slots.WRITE, Fuse3Callbacks.Transfer.class, this::write);
        slots.fill(Fuse3Slots.FSYNC, Fuse3Callbacks.Sync.class, this::sync);
        slots.fill(Fuse3Slots.TRUNCATE, Fuse3Callbacks.ThreeLongs.class, this::truncate);
        slots.fill(Fuse3Slots.FALLOCATE, Fuse3Callbacks.Allocate.class, this::allocate);
        slots.fill(Fuse3Slots.UTIMENS, Fuse3Callbacks.ThreeLongs.class, this::setTimes);
        slots.fill(Fuse3Slots.STATFS, Fuse3Callbacks.TwoPointers.class, this::statfs);
        slots.fill(Fuse3Slots.OPENDIR, Fuse3Callbacks.TwoPointers.class, this::openDirectory);
        slots.fill(Fuse3Slots.READDIR, Fuse3Callbacks.ReadDirectory.class, this::readDirectory);
        slots.fill(Fuse3Slots.GETXATTR, Fuse3Callbacks.FourLongs.class, this::attribute);
        slots.fill(Fuse3Slots.LISTXATTR, Fuse3Callbacks.ThreeLongs.class, this::attributeNames);
        slots.fill(Fuse3Slots.SETXATTR, Fuse3Callbacks.SetAttribute.class, this::setAttribute);
        slots.fill(Fuse3Slots.REMOVEXATTR, Fuse3Callbacks.TwoPointers.class, this::removeAttribute);
        slots.fill(Fuse3Slots.IOCTL, Fuse3Callbacks.Control.class, this::control);
    }

    private long init(long connectionInfo, long config) {
        requests.done("init", () -> Objects.requireNonNull(connection).configure(connectionInfo, config));
        return 0;
    }

    private int status(long path, long stat, long fileInfo) {
        return requests.done("getattr", () -> {
            NodeStatus status = fileInfo == 0 ? files.status(string(path)) : files.fileStatus(handle(fileInfo));
            NativeStructs.fillStat(stat, status);
        });
    }

    private int open(long path, long fileInfo) {
        return requests.done("open", () -> {
            MemorySegment info = segment(fileInfo, Fuse3Abi.FILE_INFO_BYTES);
            int flags = info.get(JAVA_INT, Fuse3Abi.FILE_INFO_FLAGS);
            long handle = files.open(string(path), flags, library.callingThread());
            info.set(JAVA_LONG, Fuse3Abi.FILE_INFO_HANDLE, handle);
            if ((flags & O_DIRECT) != 0 && Objects.requireNonNull(connection).allowsParallelDirectWrites()) {
                files.openedDirect(handle);
                int bits = info.get(JAVA_INT, Fuse3Abi.FILE_INFO_BITS);
                info.set(
                        JAVA_INT, Fuse3Abi.FILE_INFO_BITS, bits | Fuse3Abi.DIRECT_IO | Fuse3Abi.PARALLEL_DIRECT_WRITES);
            }
        });
    }

    private int release(long path, long fileInfo) {
        return requests.done("release", () -> files.release(handle(fileInfo)));
    }

    private int read(long path, long buffer, long lengthBytes, long offsetBytes, long fileInfo) {
        return requests.answer("read", () -> files.read(handle(fileInfo), offsetBytes, segment(buffer, lengthBytes)));
    }

    private int write(long path, long buffer, long lengthBytes, long offsetBytes, long fileInfo) {
        return requests.answer("write", () -> files.write(writer(fileInfo), offsetBytes, segment(buffer, lengthBytes)));
    }

    private int sync(long path, int dataOnly, long fileInfo) {
        return requests.done("fsync", () -> files.flush(handle(fileInfo)));
    }

    private int truncate(long path, long sizeBytes, long fileInfo) {
        return requests.done("truncate", () -> {
            if (fileInfo == 0) {
                files.truncate(string(path), sizeBytes, library.callingThread());
            } else {
                files.truncate(handle(fileInfo), sizeBytes);
            }
        });
    }

    private int allocate(long path, int mode, long offsetBytes, long lengthBytes, long fileInfo) {
        return requests.done("fallocate", () -> files.allocate(handle(fileInfo), mode, offsetBytes, lengthBytes));
    }

    private int setTimes(long path, long times, long fileInfo) {
        return requests.done("utimens", () -> {
            MemorySegment both = segment(times, TIMES_BYTES);
            long nanos = both.get(JAVA_LONG, CHANGE_NANOS);
            if (nanos != UTIME_OMIT) {
                Instant time = nanos == UTIME_NOW
                        ? Instant.now()
                        : Instant.ofEpochSecond(both.get(JAVA_LONG, CHANGE_SECONDS), nanos);
                if (path == 0) {
                    files.setModified(handle(fileInfo), time);
                } else {
                    files.setModified(string(path), time);
                }
            }
        });
    }

    private int statfs(long path, long stat) {
        return requests.done("statfs", () -> NativeStructs.fillStatvfs(stat, files.blockCount()));
    }

    private int openDirectory(long path, long fileInfo) {
        return requests.done("opendir", () -> files.requireDirectory(string(path)));
    }

    private int readDirectory(long path, long buffer, long fill, long offset, long fileInfo, int flags) {
        return requests.done("readdir", () -> {
            for (String name : files.entries()) {
                filler.add(fill, buffer, name);
            }
        });
    }

    private int attribute(long path, long name, long buffer, long capacityBytes) {
        if (segment(name, 1).get(JAVA_BYTE, 0) != ATTRIBUTE_INITIAL) {
            return FuseErrno.ENODATA.answer();
        }
        return requests.answer("getxattr", () -> {
            byte[] value = files.attribute(string(path), string(name), capacityBytes);
            return NativeMemory.copy(value, buffer, capacityBytes);
        });
    }

    private int attributeNames(long path, long buffer, long capacityBytes) {
        return requests.answer("listxattr", () -> {
            byte[] names = files.attributeNames(string(path), capacityBytes);
            return NativeMemory.copy(names, buffer, capacityBytes);
        });
    }

    private int setAttribute(long path, long name, long value, long lengthBytes, int flags) {
        return requests.done(
                "setxattr",
                () -> files.setAttribute(
                        string(path), string(name), segment(value, lengthBytes).toArray(JAVA_BYTE)));
    }

    private int removeAttribute(long path, long name) {
        return requests.done("removexattr", () -> files.setAttribute(string(path), string(name)));
    }

    /** For {@link AttributeRequest} alone. */
    private int control(long path, int command, long argument, long fileInfo, int flags, long data) {
        return requests.done("ioctl", () -> {
            if (command != AttributeRequest.NUMBER || data == 0) {
                throw new OperationRefused(FuseErrno.ENOTTY);
            }
            byte[] bytes = segment(data, AttributeRequest.ARGUMENT_BYTES).toArray(JAVA_BYTE);
            List<String> words = AttributeRequest.decode(bytes);
            files.setReadOnlyAttribute(handle(fileInfo), words.getFirst(), words.getLast());
        });
    }

    /** The handle that {@code struct fuse_file_info} names. */
    private static long handle(long fileInfo) {
        return segment(fileInfo, Fuse3Abi.FILE_INFO_BYTES).get(JAVA_LONG, Fuse3Abi.FILE_INFO_HANDLE);
    }

    /**
     * The handle that writes; {@link OpenFiles#NO_HANDLE} of its file for a page of a shared mapping, since the kernel
     * sends such a page with the handle of any writer.
     */
    private static long writer(long fileInfo) {
        int bits = segment(fileInfo, Fuse3Abi.FILE_INFO_BYTES).get(JAVA_INT, Fuse3Abi.FILE_INFO_BITS);
        return (bits & Fuse3Abi.WRITEPAGE) != 0 ? ServedDirectory.withoutHandle(handle(fileInfo)) : handle(fileInfo);
    }
}

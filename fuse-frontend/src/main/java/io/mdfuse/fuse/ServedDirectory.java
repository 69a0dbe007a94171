package io.mdfuse.fuse;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The one directory of a mount: finds the file that a request means, by its path or by its handle, and passes the
 * request to the {@link VolumeOperations} of that file. The first file is the array's; the others, if there are any,
 * are volumes inside of it, or other arrays.
 *
 * <p>A handle is the number of the file, times 2^48, plus the handle that the file itself gave out. So the first file's
 * handles stay as they are, and a request without a handle of its own still has the number of its file.
 */
final class ServedDirectory {
    private static final int NUMBER_SHIFT = 48;
    private static final int MOST_FILES = 1 << 15;
    private static final long OWN_HANDLE = (1L << NUMBER_SHIFT) - 1;

    private final List<VolumeOperations> files;
    private final Map<String, Integer> numberByPath = new LinkedHashMap<>();

    /** @param files at least one, with different names */
    ServedDirectory(List<VolumeOperations> files) {
        if (files.isEmpty() || files.size() > MOST_FILES) {
            throw new IllegalArgumentException(files.size() + " files in one mount");
        }
        this.files = List.copyOf(files);
        for (int number = 0; number < files.size(); number++) {
            if (numberByPath.put("/" + files.get(number).fileName(), number) != null) {
                throw new IllegalArgumentException(files.get(number).fileName() + " twice in one mount");
            }
        }
    }

    /** The files, the array's first. */
    List<VolumeOperations> files() {
        return files;
    }

    /** What readdir lists. */
    List<String> entries() {
        List<String> entries = new ArrayList<>(List.of(".", ".."));
        files.forEach(file -> entries.add(file.fileName()));
        return entries;
    }

    /** The handle of the same file for a request that has none of its own; see {@link OpenFiles#NO_HANDLE}. */
    static long withoutHandle(long handle) {
        return handle & ~OWN_HANDLE;
    }

    NodeStatus status(String path) throws OperationRefused {
        return path.equals("/") ? files.getFirst().status(path) : at(path).status(path);
    }

    NodeStatus fileStatus(long handle) {
        return of(handle).fileStatus();
    }

    void requireDirectory(String path) throws OperationRefused {
        if (!path.equals("/")) {
            throw new OperationRefused(numberByPath.containsKey(path) ? FuseErrno.ENOTDIR : FuseErrno.ENOENT);
        }
    }

    long open(String path, int flags, long thread) throws OperationRefused {
        long number = number(path);
        return files.get((int) number).open(path, flags, thread) | number << NUMBER_SHIFT;
    }

    void openedDirect(long handle) {
        of(handle).openedDirect(handle & OWN_HANDLE);
    }

    void release(long handle) {
        of(handle).release(handle & OWN_HANDLE);
    }

    int read(long handle, long offsetBytes, MemorySegment target) throws IOException {
        return of(handle).read(handle & OWN_HANDLE, offsetBytes, target);
    }

    int write(long handle, long offsetBytes, MemorySegment source) throws IOException {
        return of(handle).write(handle & OWN_HANDLE, offsetBytes, source);
    }

    void flush(long handle) throws IOException {
        of(handle).flush();
    }

    void truncate(String path, long sizeBytes, long thread) throws IOException {
        at(path).truncate(path, sizeBytes, thread);
    }

    void truncate(long handle, long sizeBytes) throws IOException {
        of(handle).truncate(handle & OWN_HANDLE, sizeBytes);
    }

    void allocate(long handle, int mode, long offsetBytes, long lengthBytes) throws IOException {
        of(handle).allocate(handle & OWN_HANDLE, mode, offsetBytes, lengthBytes);
    }

    void setModified(String path, Instant time) throws OperationRefused {
        at(path).setModified(path, time);
    }

    void setModified(long handle, Instant time) throws OperationRefused {
        VolumeOperations file = of(handle);
        file.setModified("/" + file.fileName(), time);
    }

    /** The size of the array's file in blocks. */
    long blockCount() {
        return files.getFirst().blockCount();
    }

    byte[] attribute(String path, String name, long capacityBytes) throws OperationRefused {
        return atOrFirst(path).attribute(path, name, capacityBytes);
    }

    byte[] attributeNames(String path, long capacityBytes) throws OperationRefused {
        return atOrFirst(path).attributeNames(path, capacityBytes);
    }

    void setAttribute(String path, String name, byte[] value) throws IOException {
        atOrFirst(path).setAttribute(path, name, value);
    }

    void setAttribute(String path, String name) throws OperationRefused {
        atOrFirst(path).setAttribute(path, name);
    }

    void setReadOnlyAttribute(long handle, String name, String value) throws IOException {
        of(handle).setReadOnlyAttribute(name, value);
    }

    /** True if any process has any of the files open. */
    boolean isOpen() {
        return files.stream().anyMatch(VolumeOperations::isOpen);
    }

    private VolumeOperations of(long handle) {
        return files.get((int) (handle >>> NUMBER_SHIFT));
    }

    private VolumeOperations at(String path) throws OperationRefused {
        return files.get(number(path));
    }

    private int number(String path) throws OperationRefused {
        Integer number = numberByPath.get(path);
        if (number == null) {
            throw new OperationRefused(FuseErrno.ENOENT);
        }
        return number;
    }

    /** The directory itself is answered by the first file's operations. */
    private VolumeOperations atOrFirst(String path) throws OperationRefused {
        return path.equals("/") ? files.getFirst() : at(path);
    }
}

package io.mdfuse.fuse;

import io.mdfuse.raid.array.NotOfferedException;
import io.mdfuse.raid.array.Volume;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meaning of each file system call for a volume. It uses no native library; the bindings of
 * both front ends, {@link FuseBinding}, share it.
 *
 * <p>There is one directory with a regular file, sized like the volume; {@link ServedDirectory} finds the file that is
 * meant, if a mount has several. The file behaves as a block device does:
 *
 * <ul>
 *   <li>A read stops at the end; a read at the end returns 0 bytes.
 *   <li>A write stops at the end; a write at the end is refused with {@code ENOSPC}.
 *   <li>Truncating to the size or less succeeds, and the file keeps its size and content, so {@code dd} and a shell's
 *       {@code >} work as on a device node; truncating to more than the size is refused with {@code EFBIG}.
 *   <li>But a truncation promises zeros to its handle: the gap that the handle leaves behind its {@link LogicalEnd}, by
 *       a later write or by truncating to a larger size, is zeroed first, so that a sparse copy is correct.
 *   <li>fallocate's punch-hole and zero-range make the part of their range inside the volume read as zeros. Plain
 *       allocation, with or without keep-size, succeeds inside the volume and does nothing, because every byte of a
 *       volume is allocated already; an allocation that would have to grow the file is refused with {@code ENOSPC}, as
 *       is a zero-range without keep-size. Every other mode is {@code EOPNOTSUPP}. Without keep-size both move a
 *       logical end, as a truncation to a larger size does.
 * </ul>
 *
 * <p>Each method throws {@link OperationRefused} for a request that it refuses and does not catch the volume's own
 * failures; the binding passes both to {@link ErrnoLadder}.
 */
public final class VolumeOperations {
    /**
     * The block size that statfs and stat return, in bytes. The loop device takes it as its discard granularity, and 4
     * KiB is the unit that an array can zero without touching a neighbour.
     */
    public static final int BLOCK_BYTES = 4096;

    static final int FALLOC_KEEP_SIZE = 0x01;
    static final int FALLOC_PUNCH_HOLE = 0x02;
    static final int FALLOC_ZERO_RANGE = 0x10;

    private static final Logger LOG = LoggerFactory.getLogger(VolumeOperations.class);

    private static final int ACCESS_MODE_MASK = 3;
    private static final int READ_ONLY_OPEN = 0;
    private static final int DIRECTORY_MODE = NodeStatus.DIRECTORY | 0555;

    private final Volume volume;
    private final Owner owner;
    private final InstantSource clock;
    private final VolumeAttributes attributes;
    private final OpenFiles files;
    private final GapZeroing gaps;
    private final String fileName;
    private final String filePath;
    private final Instant mounted;
    private volatile Instant modified;
    private volatile PageCache.Dropping cached = (_, _) -> {};

    public VolumeOperations(Volume volume, Owner owner, InstantSource clock) {
        this(ServedFile.of(volume), owner, clock);
    }

    VolumeOperations(ServedFile file, Owner owner, InstantSource clock) {
        this.volume = file.volume();
        this.fileName = file.name();
        this.owner = owner;
        this.clock = clock;
        this.attributes = new VolumeAttributes(volume);
        this.files = new OpenFiles(volume.sizeBytes());
        this.gaps = new GapZeroing(volume);
        this.filePath = "/" + fileName;
        this.mounted = clock.instant();
        this.modified = mounted;
    }

    /** Says which front end serves the mount, for the attribute {@link VolumeAttributes#SERVER_FRONTEND}. */
    void servedBy(String frontend) {
        attributes.servedBy(frontend);
    }

    /** The name of the file. */
    public String fileName() {
        return fileName;
    }

    /** The status of the directory {@code /} or of the file. */
    public NodeStatus status(String path) throws OperationRefused {
        if (path.equals("/")) {
            return new NodeStatus(DIRECTORY_MODE, 2, 0, owner.uid(), owner.gid(), mounted);
        }
        requireFile(path);
        return fileStatus();
    }

    /** The status of the file, for a caller that has it open. */
    public NodeStatus fileStatus() {
        int mode = NodeStatus.REGULAR | (volume.readOnly() ? 0400 : 0600);
        return new NodeStatus(mode, 1, volume.sizeBytes(), owner.uid(), owner.gid(), modified);
    }

    /** Refuses every path but that of the one directory. */
    public void requireDirectory(String path) throws OperationRefused {
        if (!path.equals("/")) {
            throw new OperationRefused(path.equals(filePath) ? FuseErrno.ENOTDIR : FuseErrno.ENOENT);
        }
    }

    /**
     * Opens the file. {@code flags} are open(2)'s; opening for writing is refused if writes are.
     *
     * @param thread the kernel's number of the thread that opens
     * @return the handle, for the requests that come through it, and for {@link #release} at its end
     */
    public long open(String path, int flags, long thread) throws OperationRefused {
        requireFile(path);
        boolean forWriting = (flags & ACCESS_MODE_MASK) != READ_ONLY_OPEN;
        if (forWriting) {
            requireWritable();
        }
        return files.open(forWriting, thread);
    }

    /**
     * Call before the open of a handle is answered, if its writes go past the kernel's page cache. The kernel drops
     * cached pages before such a write; a page that another handle reads during the write would keep the old bytes, so
     * the pages of each write are dropped again before the write is answered.
     */
    void openedDirect(long handle) {
        files.openedDirect(handle);
    }

    /** Call when the last user of the handle has closed it: removes its logical end. */
    public void release(long handle) {
        files.release(handle);
    }

    /** True if the file can be written. */
    boolean isWritable() {
        return !volume.readOnly();
    }

    /** True if any process has the file open. */
    boolean isOpen() {
        return files.anyOpen();
    }

    /** Notifies {@code cache} of every range that changes without the kernel's knowledge. */
    void notifyCache(PageCache.Dropping cache) {
        cached = cache;
        gaps.notifyCache(cache);
    }

    /** Call when the mount ends: zeroing that is under way for a truncation stops between two pieces and is refused. */
    void stopLongRequests() {
        gaps.stop();
    }

    /** Fills {@code target} from {@code offsetBytes} on, up to the volume's end, and returns how many bytes. */
    public int read(long handle, long offsetBytes, MemorySegment target) throws IOException {
        files.used(handle);
        long lengthBytes = lengthInside(offsetBytes, target.byteSize());
        if (lengthBytes > 0) {
            volume.read(offsetBytes, lengthBytes == target.byteSize() ? target : target.asSlice(0, lengthBytes));
        }
        return Math.toIntExact(lengthBytes);
    }

    /**
     * Writes {@code source} at {@code offsetBytes}, up to the volume's end, and returns how many bytes. If the handle
     * truncated, the gap before this write is zeroed first.
     *
     * @param handle the handle of the request; {@link OpenFiles#NO_HANDLE} for a page of a shared mapping
     */
    public int write(long handle, long offsetBytes, MemorySegment source) throws IOException {
        requireWritable();
        files.used(handle);
        long lengthBytes = lengthInside(offsetBytes, source.byteSize());
        if (lengthBytes == 0 && source.byteSize() > 0) {
            throw new OperationRefused(FuseErrno.ENOSPC);
        }
        if (lengthBytes > 0) {
            files.beforeWrite(handle, offsetBytes, offsetBytes + lengthBytes, this::zeroGap);
            try {
                volume.write(offsetBytes, lengthBytes == source.byteSize() ? source : source.asSlice(0, lengthBytes));
            } finally {
                if (files.isDirectBesideOthers(handle)) {
                    cached.drop(offsetBytes, offsetBytes + lengthBytes);
                }
            }
            modified = clock.instant();
        }
        return Math.toIntExact(lengthBytes);
    }

    /** fsync and fdatasync alike: a volume has no other metadata to write. */
    public void flush() throws IOException {
        volume.flush();
    }

    /**
     * Truncates, without a handle, to any size up to the volume's own: as part of an open(2), or by path. See the
     * class.
     *
     * @param thread the kernel's number of the thread that truncates
     */
    public void truncate(String path, long sizeBytes, long thread) throws IOException {
        requireFile(path);
        truncate(files.handleOfTruncatingOpen(thread), sizeBytes);
    }

    /** As {@link #truncate(String, long, long)}, through a handle. */
    public void truncate(long handle, long sizeBytes) throws IOException {
        requireWritable();
        refuseIf(sizeBytes < 0, FuseErrno.EINVAL);
        refuseIf(sizeBytes > volume.sizeBytes(), FuseErrno.EFBIG);
        files.truncate(handle, sizeBytes, this::zeroGap);
    }

    /** fallocate(2); see the class for what each mode does. */
    public void allocate(long handle, int mode, long offsetBytes, long lengthBytes) throws IOException {
        requireWritable();
        if (offsetBytes < 0 || lengthBytes <= 0) {
            throw new OperationRefused(FuseErrno.EINVAL);
        }
        boolean beyondEnd = lengthInside(offsetBytes, lengthBytes) < lengthBytes;
        switch (mode) {
            case FALLOC_PUNCH_HOLE | FALLOC_KEEP_SIZE -> discard(offsetBytes, lengthInside(offsetBytes, lengthBytes));
            case FALLOC_ZERO_RANGE | FALLOC_KEEP_SIZE -> zero(offsetBytes, lengthInside(offsetBytes, lengthBytes));
            case FALLOC_ZERO_RANGE -> {
                refuseIf(beyondEnd, FuseErrno.ENOSPC);
                files.extend(handle, offsetBytes + lengthBytes, this::zeroGap);
                zero(offsetBytes, lengthBytes);
            }
            case 0 -> {
                refuseIf(beyondEnd, FuseErrno.ENOSPC);
                files.extend(handle, offsetBytes + lengthBytes, this::zeroGap);
            }
            case FALLOC_KEEP_SIZE -> refuseIf(beyondEnd, FuseErrno.ENOSPC);
            default -> throw new OperationRefused(FuseErrno.EOPNOTSUPP);
        }
    }

    /** Sets the time of {@link NodeStatus#modified}, until the next write; it is not kept on disk. */
    public void setModified(String path, Instant time) throws OperationRefused {
        requireFile(path);
        requireWritable();
        modified = time;
    }

    /** The volume's size in blocks of {@link #BLOCK_BYTES}; none of them is free. */
    public long blockCount() {
        return volume.sizeBytes() / BLOCK_BYTES;
    }

    /** An extended attribute; see {@link VolumeAttributes#value}. The directory has none. */
    public byte[] attribute(String path, String name, long capacityBytes) throws OperationRefused {
        if (path.equals("/")) {
            throw new OperationRefused(FuseErrno.ENODATA);
        }
        requireFile(path);
        return attributes.value(name, capacityBytes);
    }

    /** The names of the extended attributes; see {@link VolumeAttributes#names}. */
    public byte[] attributeNames(String path, long capacityBytes) throws OperationRefused {
        if (path.equals("/")) {
            return new byte[0];
        }
        requireFile(path);
        return attributes.names(capacityBytes);
    }

    /** Changes an attribute of the array; the volume decides which can be changed. */
    public void setAttribute(String path, String name, byte[] value) throws IOException, OperationRefused {
        String text = new String(value, StandardCharsets.UTF_8);
        if (path.equals("/") || !attributes.has(name) || !name.startsWith(VolumeAttributes.ARRAY_PREFIX)) {
            attributes.noteUnsettable(name, text, "set");
            throw unsettable(path, name);
        }
        requireFile(path);
        String sysfsName = name.substring(VolumeAttributes.ARRAY_PREFIX.length());
        // The name of a device, which ends a command, may end in blanks; without them it is the name of another device.
        setArrayAttribute(
                sysfsName, sysfsName.equals("member_command") ? text.replaceFirst("\n\\z", "") : text.strip());
    }

    /**
     * Changes an attribute by its sysfs name, also of a volume that can't be written: such a volume refuses changes
     * that would write. A refusal is logged, and kept in {@code user.mdfuse.refusal}, since an error number does not
     * give the reason.
     */
    private void setArrayAttribute(String name, String value) throws IOException, OperationRefused {
        try {
            volume.setAttribute(name, value);
        } catch (UnsupportedOperationException e) {
            throw refusal(name, value, e, FuseErrno.EPERM);
        } catch (NotOfferedException e) {
            throw refusal(name, value, e, FuseErrno.EOPNOTSUPP);
        } catch (ArrayRefusedException e) {
            throw refusal(name, value, e, volume.readOnly() ? FuseErrno.EROFS : FuseErrno.EBUSY);
        } catch (IllegalArgumentException e) {
            throw refusal(name, value, e, FuseErrno.EINVAL);
        } catch (IOException e) {
            attributes.noteRefusal(name, value, String.valueOf(e.getMessage()));
            throw e;
        }
    }

    /**
     * The same for a caller that may have the file open only for reading: allowed only if the volume can't be written.
     */
    void setReadOnlyAttribute(String name, String value) throws IOException, OperationRefused {
        refuseIf(!volume.readOnly(), FuseErrno.ENOTTY);
        setArrayAttribute(name, value);
    }

    private OperationRefused refusal(String name, String value, Exception why, FuseErrno errno) {
        attributes.noteRefusal(name, value, String.valueOf(why.getMessage()));
        LOG.warn("{} = {} was refused: {}", name, value.replace('\n', ' '), why.getMessage());
        return new OperationRefused(errno);
    }

    /** Refuses: an existing attribute of this kind cannot be set, and no other can be created. */
    public void setAttribute(String path, String name) throws OperationRefused {
        attributes.noteUnsettable(name, "", "removed");
        throw unsettable(path, name);
    }

    private OperationRefused unsettable(String path, String name) throws OperationRefused {
        if (!path.equals("/")) {
            requireFile(path);
        }
        requireWritable();
        boolean exists = !path.equals("/") && attributes.has(name);
        return new OperationRefused(exists ? FuseErrno.EPERM : FuseErrno.EOPNOTSUPP);
    }

    private void zero(long offsetBytes, long lengthBytes) throws IOException {
        if (lengthBytes > 0) {
            volume.zero(offsetBytes, lengthBytes);
            modified = clock.instant();
        }
    }

    private void discard(long offsetBytes, long lengthBytes) throws IOException {
        if (lengthBytes > 0) {
            volume.discard(offsetBytes, lengthBytes);
            modified = clock.instant();
        }
    }

    private void zeroGap(long fromBytes, long endBytes) throws IOException {
        gaps.zero(fromBytes, endBytes);
        modified = clock.instant();
    }

    /** How much of the range lies inside the volume; computed so that it cannot overflow. */
    private long lengthInside(long offsetBytes, long lengthBytes) throws OperationRefused {
        refuseIf(offsetBytes < 0, FuseErrno.EINVAL);
        long remainingBytes = Math.max(0, volume.sizeBytes() - offsetBytes);
        return Math.min(lengthBytes, remainingBytes);
    }

    private void requireFile(String path) throws OperationRefused {
        refuseIf(!path.equals(filePath), FuseErrno.ENOENT);
    }

    private void requireWritable() throws OperationRefused {
        refuseIf(volume.readOnly(), FuseErrno.EROFS);
    }

    private static void refuseIf(boolean condition, FuseErrno errno) throws OperationRefused {
        if (condition) {
            throw new OperationRefused(errno);
        }
    }
}

package io.mdfuse.device.nbd;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.device.Sectors;
import io.mdfuse.device.StagedTransfer;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A device that a server serves by the NBD protocol: a disk of another machine, or an image of a format that the server
 * understands. libnbd speaks the protocol.
 *
 * <p>Requests of all threads go over one connection at the same time, so a flush covers the writes of all threads. A
 * request that is longer than the server takes is sent in pieces. A request that is not a multiple of the server's
 * smallest block reads and writes whole blocks ({@link StagedTransfer}).
 *
 * <p>An error that the server answers concerns that request. If the connection is lost while a write is not durable,
 * the device is lost for good and every request fails; else the requests wait for the next connection, for a limited
 * time: {@link NbdWorker}. After a flush has failed every later flush fails, as with {@code FileDevice}.
 *
 * <p>The protocol has no locks: two programs that write to one export are not kept apart. May be used by several
 * threads.
 */
public final class NbdDevice implements BlockDevice {
    /** A larger smallest block could not be written without reading what md's superblock does not own. */
    private static final int LARGEST_MINIMUM_BYTES = Sectors.BLOCK_BYTES;

    /** So that one piece is answered in time, also if the server writes the zeros itself. */
    private static final long ZERO_PIECE_BYTES = 32L << 20;

    private final String name;
    private final Access access;
    private final NbdExport export;
    private final NbdWorker worker;
    private final NbdReplies replies;
    private final StagedTransfer transfer;
    private final AtomicReference<@Nullable String> flushFailure = new AtomicReference<>();
    private volatile boolean closed;

    private NbdDevice(String uri, Access access, NbdExport export, NbdWorker worker) {
        this.name = NbdUri.withoutPassword(uri);
        this.access = access;
        this.export = export;
        this.worker = worker;
        this.replies = new NbdReplies(name);
        this.transfer = new StagedTransfer(pieces(), export.usableBytes(), (int) export.minimumBlockBytes());
    }

    /**
     * Connects to a server.
     *
     * @param uri {@code nbd://}, {@code nbds://} or {@code nbd+unix://}, as libnbd takes it
     * @throws DeviceOpenException if libnbd is missing, the server can't be reached within 10 s or does not serve the
     *     export, or what it serves can't be used for {@code access}
     */
    public static NbdDevice open(String uri, Access access) throws DeviceOpenException {
        return open(uri, access, NbdPatience.USUAL);
    }

    static NbdDevice open(String uri, Access access, NbdPatience patience) throws DeviceOpenException {
        String name = NbdUri.withoutPassword(uri);
        NbdWorker worker = NbdWorker.start(NbdLibrary.load(name), uri, patience);
        boolean usable = false;
        try {
            NbdExport export = worker.awaitExport();
            requireUsable(name, access, export);
            usable = true;
            return new NbdDevice(uri, access, export, worker);
        } catch (NbdRefusedException e) {
            throw new DeviceOpenException(name, "no connection: " + e.reason());
        } finally {
            if (!usable) {
                worker.close();
            }
        }
    }

    private static void requireUsable(String name, Access access, NbdExport export) throws DeviceOpenException {
        if (export.usableBytes() <= 0) {
            throw new DeviceOpenException(name, "is empty: it has a size of " + export.sizeBytes() + " bytes");
        }
        if (export.minimumBlockBytes() > LARGEST_MINIMUM_BYTES) {
            throw new DeviceOpenException(
                    name,
                    "its server takes requests of at least " + export.minimumBlockBytes() + " bytes, and md needs "
                            + LARGEST_MINIMUM_BYTES + "; put nbdkit's blocksize filter before it");
        }
        if (access == Access.READ_WRITE && export.readOnly()) {
            throw new DeviceOpenException(
                    name, "its server serves it read-only; mount with --read-only, or start the server for writing");
        }
        if (access == Access.READ_WRITE && !export.canFlush() && !export.canFua()) {
            throw new DeviceOpenException(
                    name, "its server offers neither flush nor FUA, so that no write can be made durable");
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long sizeBytes() {
        return export.usableBytes();
    }

    @Override
    public int logicalBlockBytes() {
        return Math.max(Sectors.BYTES, (int) export.minimumBlockBytes());
    }

    /** False: how much the server can store is not known. */
    @Override
    public boolean guaranteesSpace() {
        return false;
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, target.byteSize(), sizeBytes());
        requireOpen("read", offsetBytes, target.byteSize());
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("the target of a read is read-only memory");
        }
        transfer.read(offsetBytes, target);
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, source.byteSize(), sizeBytes());
        requireOpen("write", offsetBytes, source.byteSize());
        requireWritable("write", offsetBytes, source.byteSize());
        transfer.write(offsetBytes, source);
    }

    /** Requests of whole blocks from native memory, in pieces that the server takes. */
    private StagedTransfer.Target pieces() {
        long most = Sectors.roundDown(
                Math.max(export.maximumBlockBytes(), export.minimumBlockBytes()), export.minimumBlockBytes());
        return new StagedTransfer.Target() {
            @Override
            public void readFully(long offsetBytes, MemorySegment target) throws DeviceException {
                replies.await(
                        "read",
                        NbdPieces.of(
                                offsetBytes,
                                target.byteSize(),
                                most,
                                (at, length) -> NbdCommand.read(at, length, target.address() + at - offsetBytes)),
                        worker);
            }

            @Override
            public void writeFully(long offsetBytes, MemorySegment source) throws DeviceException {
                replies.await(
                        "write",
                        NbdPieces.of(
                                offsetBytes,
                                source.byteSize(),
                                most,
                                (at, length) -> NbdCommand.write(at, length, source.address() + at - offsetBytes)),
                        worker);
            }
        };
    }

    @Override
    public boolean waitsForTransfers() {
        return true;
    }

    @Override
    public void flush() throws DeviceException {
        requireOpen("flush", 0, 0);
        String earlier = flushFailure.get();
        if (earlier != null) {
            throw new DeviceException(name, "flush", 0, 0, "an earlier flush failed: " + earlier);
        }
        if (!export.canFlush()) {
            return;
        }
        try {
            replies.await("flush", List.of(NbdCommand.flush()), worker);
        } catch (DeviceException e) {
            flushFailure.set(e.getMessage());
            throw e;
        }
    }

    /** Asks the server for zeros, which most store as a hole. A trim of NBD does not promise zeros. */
    @Override
    public boolean trim(long offsetBytes, long lengthBytes) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes());
        requireOpen("trim", offsetBytes, lengthBytes);
        requireWritable("trim", offsetBytes, lengthBytes);
        if (lengthBytes == 0) {
            return true;
        }
        if (!export.canZero() || (offsetBytes | lengthBytes) % export.minimumBlockBytes() != 0) {
            return false;
        }
        return replies.zeroed(NbdPieces.of(offsetBytes, lengthBytes, ZERO_PIECE_BYTES, NbdCommand::zero), worker);
    }

    private void requireOpen(String verb, long offsetBytes, long lengthBytes) throws DeviceException {
        if (closed) {
            throw new DeviceException(name, verb, offsetBytes, lengthBytes, "the device is closed");
        }
    }

    private void requireWritable(String verb, long offsetBytes, long lengthBytes) throws DeviceException {
        if (access == Access.READ_ONLY) {
            throw new DeviceException(name, verb, offsetBytes, lengthBytes, "the device was opened read-only");
        }
    }

    /** Ends the connection. Does not flush: a caller that needs durable writes has flushed. */
    @Override
    public void close() {
        closed = true;
        worker.close();
        transfer.close();
    }
}

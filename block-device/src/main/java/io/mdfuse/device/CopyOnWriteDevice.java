package io.mdfuse.device;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedReadWriteLock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps writes in memory: the device below is read and never written. A read-only mount uses it to replay a journal:
 * the replay is the same as in a read-write mount, but no byte of a member changes.
 *
 * <p>Memory grows with the number of blocks written, 4 KiB for each; it is freed on close, which does not close the
 * device below.
 */
public final class CopyOnWriteDevice extends ForwardingDevice {
    private final Arena arena = Arena.ofShared();
    private final RankedReadWriteLock lock = new RankedReadWriteLock(LockRank.COPY_ON_WRITE);
    private final Map<Long, MemorySegment> writtenBlocks = new HashMap<>();

    /** @param below the device from which blocks are read that were not written here */
    public CopyOnWriteDevice(BlockDevice below) {
        super(below);
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        DeviceException failure = readBelow(offsetBytes, target);
        long coveredBytes = 0;
        lock.readLock().lock();
        try {
            if (writtenBlocks.isEmpty() && failure == null) {
                return;
            }
            for (Piece piece = Piece.first(offsetBytes, target.byteSize()); piece != null; piece = piece.next()) {
                MemorySegment block = writtenBlocks.get(piece.block());
                if (block != null) {
                    piece.ofRequest(target).copyFrom(piece.ofBlock(block));
                    coveredBytes += piece.lengthBytes();
                }
            }
        } finally {
            lock.readLock().unlock();
        }
        if (failure != null && coveredBytes < target.byteSize()) {
            throw failure;
        }
    }

    /** Reads the device below; an error is returned, since it doesn't matter for blocks that were written here. */
    private @Nullable DeviceException readBelow(long offsetBytes, MemorySegment target) {
        try {
            device.read(offsetBytes, target);
            return null;
        } catch (DeviceException e) {
            return e;
        }
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        lock.writeLock().lock();
        try {
            for (Piece piece = Piece.first(offsetBytes, source.byteSize()); piece != null; piece = piece.next()) {
                boolean whole = piece.lengthBytes() == Sectors.BLOCK_BYTES;
                piece.ofBlock(inMemory(piece.block(), whole)).copyFrom(piece.ofRequest(source));
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /**
     * The block in memory. If it is new and only a part of it will be written, its content is read from the device
     * below.
     */
    private MemorySegment inMemory(long block, boolean whole) throws DeviceException {
        MemorySegment written = writtenBlocks.get(block);
        if (written == null) {
            written = arena.allocate(Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);
            long fromBytes = block * Sectors.BLOCK_BYTES;
            if (!whole) {
                device.read(fromBytes, written.asSlice(0, Math.min(Sectors.BLOCK_BYTES, sizeBytes() - fromBytes)));
            }
            writtenBlocks.put(block, written);
        }
        return written;
    }

    /** Does nothing: writes need no space on the device below. */
    @Override
    public void reserve(long offsetBytes, long lengthBytes) {}

    @Override
    public boolean guaranteesSpace() {
        return true;
    }

    @Override
    public void flush() {}

    /** Returns false: the range keeps its content. */
    @Override
    public boolean trim(long offsetBytes, long lengthBytes) {
        return false;
    }

    @Override
    public boolean discard(long offsetBytes, long lengthBytes) {
        return trim(offsetBytes, lengthBytes);
    }

    @Override
    public void close() {
        arena.close();
    }

    /** The part of a request that is in one block. */
    private record Piece(long block, int offsetInBlock, long offsetInRequest, int lengthBytes, long requestBytes) {
        static @Nullable Piece first(long offsetBytes, long requestBytes) {
            return at(offsetBytes / Sectors.BLOCK_BYTES, (int) (offsetBytes % Sectors.BLOCK_BYTES), 0, requestBytes);
        }

        @Nullable
        Piece next() {
            return at(block + 1, 0, offsetInRequest + lengthBytes, requestBytes);
        }

        private static @Nullable Piece at(long block, int offsetInBlock, long offsetInRequest, long requestBytes) {
            long remaining = requestBytes - offsetInRequest;
            int lengthBytes = (int) Math.min(Sectors.BLOCK_BYTES - offsetInBlock, remaining);
            return remaining == 0 ? null : new Piece(block, offsetInBlock, offsetInRequest, lengthBytes, requestBytes);
        }

        MemorySegment ofRequest(MemorySegment request) {
            return request.asSlice(offsetInRequest, lengthBytes);
        }

        MemorySegment ofBlock(MemorySegment blockBytes) {
            return blockBytes.asSlice(offsetInBlock, lengthBytes);
        }
    }
}

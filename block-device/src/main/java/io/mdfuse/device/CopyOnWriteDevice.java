package io.mdfuse.device;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedReadWriteLock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A device whose writes stay in memory: what lies below is read and never written. It is how a read-only mount replays
 * a journal: the replay is the same, and not one byte reaches a member.
 *
 * <p>Memory grows with the blocks that are written; it is given back on close, which leaves the device below open.
 */
public final class CopyOnWriteDevice extends ForwardingDevice {
    private final Arena arena = Arena.ofShared();
    private final RankedReadWriteLock lock = new RankedReadWriteLock(LockRank.COPY_ON_WRITE);
    private final Map<Long, MemorySegment> writtenBlocks = new HashMap<>();

    /** @param below is read where nothing was written yet */
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
                    piece.of(target).copyFrom(piece.in(block));
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

    /** A block that was written since can be read, whether or not the one below it can. */
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
                piece.in(own(piece.block(), whole)).copyFrom(piece.of(source));
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** The block's place in memory; what lies below is not read if all of it is about to be written. */
    private MemorySegment own(long block, boolean whole) throws DeviceException {
        MemorySegment owned = writtenBlocks.get(block);
        if (owned == null) {
            owned = arena.allocate(Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);
            long fromBytes = block * Sectors.BLOCK_BYTES;
            if (!whole) {
                device.read(fromBytes, owned.asSlice(0, Math.min(Sectors.BLOCK_BYTES, sizeBytes() - fromBytes)));
            }
            writtenBlocks.put(block, owned);
        }
        return owned;
    }

    /** Memory is there when it is written to; below nothing is reserved. */
    @Override
    public void reserve(long offsetBytes, long lengthBytes) {}

    @Override
    public boolean promisesRoom() {
        return true;
    }

    @Override
    public void flush() {}

    /** Nothing is given back: false. */
    @Override
    public boolean trim(long offsetBytes, long lengthBytes) {
        return false;
    }

    @Override
    public void close() {
        arena.close();
    }

    /** The part of a request that lies in one block. */
    private record Piece(long block, int offsetInBlock, long offsetInRequest, int lengthBytes, long requestBytes) {
        static @Nullable Piece first(long offsetBytes, long requestBytes) {
            return at(offsetBytes / Sectors.BLOCK_BYTES, (int) (offsetBytes % Sectors.BLOCK_BYTES), 0, requestBytes);
        }

        @Nullable
        Piece next() {
            return at(block + 1, 0, offsetInRequest + lengthBytes, requestBytes);
        }

        private static @Nullable Piece at(long block, int offsetInBlock, long offsetInRequest, long requestBytes) {
            long left = requestBytes - offsetInRequest;
            int lengthBytes = (int) Math.min(Sectors.BLOCK_BYTES - offsetInBlock, left);
            return left == 0 ? null : new Piece(block, offsetInBlock, offsetInRequest, lengthBytes, requestBytes);
        }

        MemorySegment of(MemorySegment request) {
            return request.asSlice(offsetInRequest, lengthBytes);
        }

        MemorySegment in(MemorySegment blockBytes) {
            return blockBytes.asSlice(offsetInBlock, lengthBytes);
        }
    }
}

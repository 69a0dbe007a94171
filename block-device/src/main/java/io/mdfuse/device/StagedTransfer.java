package io.mdfuse.device;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedReadWriteLock;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.Lock;

/**
 * Reads and writes that may need a detour through a buffer of our own.
 *
 * <p>A transfer goes straight through where memory, offset and length suit the descriptor: native memory always,
 * and for direct I/O all three on multiples of 4 KiB. Any other is cut into windows that do suit, each of which
 * goes through a pooled buffer.
 *
 * <p>A write that covers only a part of a 4 KiB block has to read the rest of that block first and write it back.
 * The story that must not happen: 1. such a write reads the block; 2. another thread writes its own part of the
 * block and is told it is done; 3. the first one writes the block back, and with it the second one's old bytes.
 * So a write with partial blocks excludes all other writes to the device, which exclude only it.
 */
final class StagedTransfer implements AutoCloseable {
    private static final int WINDOW_BYTES = 128 * 1024;
    private static final int WINDOWS = 4;

    private final Descriptor descriptor;
    private final long sizeBytes;
    private final int unitBytes;
    private final BufferPool windows = new BufferPool(WINDOW_BYTES, WINDOWS);
    private final RankedReadWriteLock writes = new RankedReadWriteLock(LockRank.PARTIAL_BLOCK_WRITE);

    /**
     * @param sizeBytes the size of the device; where it is not a multiple of the unit, the device takes a transfer
     *     that ends there
     * @param unitBytes what memory, offset and length must be multiples of: 1 or 4096
     */
    StagedTransfer(Descriptor descriptor, long sizeBytes, int unitBytes) {
        this.descriptor = descriptor;
        this.sizeBytes = sizeBytes;
        this.unitBytes = unitBytes;
    }

    void read(long offsetBytes, MemorySegment target) throws DeviceException {
        if (goesStraight(offsetBytes, target)) {
            descriptor.readFully(offsetBytes, target);
            return;
        }
        try (BufferPool.Lease lease = windows.acquire()) {
            long doneBytes = 0;
            while (doneBytes < target.byteSize()) {
                long windowStart = Sectors.roundDown(offsetBytes + doneBytes, unitBytes);
                MemorySegment window = window(lease, windowStart, offsetBytes + target.byteSize());
                descriptor.readFully(windowStart, window);
                long skipBytes = offsetBytes + doneBytes - windowStart;
                long pieceBytes = Math.min(window.byteSize() - skipBytes, target.byteSize() - doneBytes);
                MemorySegment.copy(window, skipBytes, target, doneBytes, pieceBytes);
                doneBytes += pieceBytes;
            }
        }
    }

    void write(long offsetBytes, MemorySegment source) throws DeviceException {
        if (unitBytes == 1 && source.isNative()) {
            descriptor.writeFully(offsetBytes, source);
            return;
        }
        long endBytes = offsetBytes + source.byteSize();
        boolean wholeUnits = offsetBytes % unitBytes == 0 && (endBytes % unitBytes == 0 || endBytes == sizeBytes);
        Lock lock = wholeUnits ? writes.readLock() : writes.writeLock();
        lock.lock();
        try {
            if (goesStraight(offsetBytes, source)) {
                descriptor.writeFully(offsetBytes, source);
            } else {
                writeThroughWindows(offsetBytes, source);
            }
        } finally {
            lock.unlock();
        }
    }

    private void writeThroughWindows(long offsetBytes, MemorySegment source) throws DeviceException {
        try (BufferPool.Lease lease = windows.acquire()) {
            long doneBytes = 0;
            while (doneBytes < source.byteSize()) {
                long windowStart = Sectors.roundDown(offsetBytes + doneBytes, unitBytes);
                MemorySegment window = window(lease, windowStart, offsetBytes + source.byteSize());
                long skipBytes = offsetBytes + doneBytes - windowStart;
                long pieceBytes = Math.min(window.byteSize() - skipBytes, source.byteSize() - doneBytes);
                if (pieceBytes < window.byteSize()) {
                    descriptor.readFully(windowStart, window);
                }
                MemorySegment.copy(source, doneBytes, window, skipBytes, pieceBytes);
                descriptor.writeFully(windowStart, window);
                doneBytes += pieceBytes;
            }
        }
    }

    /** The part of the buffer for a transfer that goes on to {@code endBytes}, cut to whole units and to the device. */
    private MemorySegment window(BufferPool.Lease lease, long windowStart, long endBytes) {
        long lengthBytes = Math.min(Sectors.roundUp(endBytes - windowStart, unitBytes), sizeBytes - windowStart);
        return lease.segment().asSlice(0, Math.min(lengthBytes, WINDOW_BYTES));
    }

    private boolean goesStraight(long offsetBytes, MemorySegment memory) {
        return memory.isNative() && (memory.address() | offsetBytes | memory.byteSize()) % unitBytes == 0;
    }

    @Override
    public void close() {
        windows.close();
    }
}

package io.mdfuse.device;

import io.mdfuse.device.lock.LockRank;
import io.mdfuse.device.lock.RankedReadWriteLock;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.Lock;

/**
 * Reads and writes that go through an aligned buffer if the caller's memory or range is not suitable.
 *
 * <p>A transfer is made directly if memory, offset and length suit the descriptor: the memory must be native and, for
 * direct I/O, address, offset and length must be multiples of 4 KiB. Any other transfer is cut into aligned windows,
 * and each window is transferred through a pooled buffer.
 *
 * <p>With direct I/O, a write of a part of a 4 KiB block reads the block first and writes all of it back. This must not
 * happen: 1. such a write reads the block; 2. another thread writes its own part of the block and returns; 3. the first
 * thread writes the block back, and with it the old bytes of the second thread's part. So a write of partial blocks
 * excludes all other writes to the device. Writes of whole blocks do not exclude each other.
 */
public final class StagedTransfer implements AutoCloseable {
    /** What suitable transfers are made with. Offset, length and, if the unit is 4096, the address are aligned. */
    public interface Target {
        /** Fills native memory. */
        void readFully(long offsetBytes, MemorySegment target) throws DeviceException;

        /** Writes all of native memory. */
        void writeFully(long offsetBytes, MemorySegment source) throws DeviceException;
    }

    private static final int WINDOW_BYTES = 128 * 1024;
    private static final int WINDOWS = 4;

    private final Target target;
    private final long sizeBytes;
    private final int unitBytes;
    private final BufferPool windows = new BufferPool(WINDOW_BYTES, WINDOWS);
    private final RankedReadWriteLock writes = new RankedReadWriteLock(LockRank.PARTIAL_BLOCK_WRITE);

    /**
     * @param sizeBytes the size of the device; if it is no multiple of the unit, a transfer may end there nevertheless
     * @param unitBytes of what address, offset and length must be multiples: a power of two, at most 4096
     */
    public StagedTransfer(Target target, long sizeBytes, int unitBytes) {
        this.target = target;
        this.sizeBytes = sizeBytes;
        this.unitBytes = unitBytes;
    }

    /** Fills memory of any kind from any offset. */
    public void read(long offsetBytes, MemorySegment memory) throws DeviceException {
        if (isAligned(offsetBytes, memory)) {
            target.readFully(offsetBytes, memory);
            return;
        }
        try (BufferPool.Lease lease = windows.acquire()) {
            long doneBytes = 0;
            while (doneBytes < memory.byteSize()) {
                long windowStart = Sectors.roundDown(offsetBytes + doneBytes, unitBytes);
                MemorySegment window = window(lease, windowStart, offsetBytes + memory.byteSize());
                target.readFully(windowStart, window);
                long skipBytes = offsetBytes + doneBytes - windowStart;
                long pieceBytes = Math.min(window.byteSize() - skipBytes, memory.byteSize() - doneBytes);
                MemorySegment.copy(window, skipBytes, memory, doneBytes, pieceBytes);
                doneBytes += pieceBytes;
            }
        }
    }

    /** Writes memory of any kind to any offset. */
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        if (unitBytes == 1 && source.isNative()) {
            target.writeFully(offsetBytes, source);
            return;
        }
        long endBytes = offsetBytes + source.byteSize();
        boolean wholeUnits = offsetBytes % unitBytes == 0 && (endBytes % unitBytes == 0 || endBytes == sizeBytes);
        Lock lock = wholeUnits ? writes.readLock() : writes.writeLock();
        lock.lock();
        try {
            if (isAligned(offsetBytes, source)) {
                target.writeFully(offsetBytes, source);
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
                    target.readFully(windowStart, window);
                }
                MemorySegment.copy(source, doneBytes, window, skipBytes, pieceBytes);
                target.writeFully(windowStart, window);
                doneBytes += pieceBytes;
            }
        }
    }

    /** The part of the buffer for a transfer up to {@code endBytes}: whole units, but not beyond the device's end. */
    private MemorySegment window(BufferPool.Lease lease, long windowStart, long endBytes) {
        long lengthBytes = Math.min(Sectors.roundUp(endBytes - windowStart, unitBytes), sizeBytes - windowStart);
        return lease.segment().asSlice(0, Math.min(lengthBytes, WINDOW_BYTES));
    }

    private boolean isAligned(long offsetBytes, MemorySegment memory) {
        return memory.isNative() && (memory.address() | offsetBytes | memory.byteSize()) % unitBytes == 0;
    }

    @Override
    public void close() {
        windows.close();
    }
}

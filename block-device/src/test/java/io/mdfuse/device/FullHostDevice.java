package io.mdfuse.device;

import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.Objects;

/** A sparse image on a {@link FullHost}: a block that was never reserved or written needs space. */
public final class FullHostDevice extends ForwardingDevice {
    private final FullHost host;
    private final BitSet allocatedBlocks = new BitSet();

    /** @param allocatedBytes the bytes from the start of the device that are allocated already */
    public FullHostDevice(BlockDevice device, FullHost host, long allocatedBytes) {
        super(device);
        this.host = host;
        allocatedBlocks.set(0, block(allocatedBytes));
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        long endBytes = offsetBytes + source.byteSize();
        if (host.isFull() && !(host.reserves() && isAllocated(offsetBytes, endBytes))) {
            host.countRefusal();
            device.write(offsetBytes, source.asSlice(0, host.bytesBeforeRefusal(source.byteSize())));
            throw new NoSpaceException(name(), "write", offsetBytes, source.byteSize(), "the simulated host is full");
        }
        device.write(offsetBytes, source);
        allocatedBlocks.set(block(offsetBytes), blockEnd(endBytes));
    }

    @Override
    public void reserve(long offsetBytes, long lengthBytes) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes());
        long endBytes = offsetBytes + lengthBytes;
        if (!host.reserves() || isAllocated(offsetBytes, endBytes)) {
            return;
        }
        if (host.isFull()) {
            host.countRefusal();
            throw new NoSpaceException(name(), "reserve", offsetBytes, lengthBytes, "the simulated host is full");
        }
        allocatedBlocks.set(block(offsetBytes), blockEnd(endBytes));
    }

    /** With {@link FullHost#refuseFlushes} writes succeed for which the host has no space, as on NFS. */
    @Override
    public void flush() throws DeviceException {
        if (host.refusesFlushes()) {
            throw DeviceException.writesLostForLackOfSpace(name(), "the simulated host is full");
        }
        device.flush();
    }

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) throws DeviceException {
        boolean trimmed = device.trim(offsetBytes, lengthBytes);
        if (trimmed) {
            allocatedBlocks.clear(block(offsetBytes), blockEnd(offsetBytes + lengthBytes));
        }
        return trimmed;
    }

    @Override
    public boolean discard(long offsetBytes, long lengthBytes) throws DeviceException {
        return trim(offsetBytes, lengthBytes);
    }

    @Override
    public boolean isImageFile() {
        return true;
    }

    private boolean isAllocated(long fromBytes, long endBytes) {
        int end = blockEnd(endBytes);
        return block(fromBytes) >= end || allocatedBlocks.nextClearBit(block(fromBytes)) >= end;
    }

    private static int block(long offsetBytes) {
        return Math.toIntExact(offsetBytes / Sectors.BLOCK_BYTES);
    }

    private static int blockEnd(long offsetBytes) {
        return block(offsetBytes + Sectors.BLOCK_BYTES - 1);
    }
}

package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import java.lang.foreign.MemorySegment;

/** A device that outlives the array that closes it: it is pulled out, and may be put in again. */
record LentDevice(BlockDevice device) implements BlockDevice {
    @Override
    public String name() {
        return device.name();
    }

    @Override
    public long sizeBytes() {
        return device.sizeBytes();
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        device.read(offsetBytes, target);
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        device.write(offsetBytes, source);
    }

    @Override
    public void flush() throws DeviceException {
        device.flush();
    }

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) throws DeviceException {
        return device.trim(offsetBytes, lengthBytes);
    }

    @Override
    public void close() {}
}

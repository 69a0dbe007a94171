package io.mdfuse.raid.array.inside;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A volume as a device that is only read, for the code that reads partition tables. */
record VolumeDevice(Volume volume) implements BlockDevice {
    @Override
    public String name() {
        return volume.name();
    }

    @Override
    public long sizeBytes() {
        return volume.sizeBytes();
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        try {
            volume.read(offsetBytes, target);
        } catch (DeviceException e) {
            throw e;
        } catch (IOException e) {
            throw new DeviceException(name(), "read", offsetBytes, target.byteSize(), String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void flush() {}

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) {
        return false;
    }

    @Override
    public void close() {}
}

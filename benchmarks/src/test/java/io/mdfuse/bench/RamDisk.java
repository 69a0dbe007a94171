package io.mdfuse.bench;

import io.mdfuse.device.BlockDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A device in native memory: what a benchmark on it takes is the program's own time. */
final class RamDisk implements BlockDevice {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment content;

    RamDisk(long sizeBytes) {
        content = arena.allocate(sizeBytes, 4096);
    }

    @Override
    public String name() {
        return "ram";
    }

    @Override
    public long sizeBytes() {
        return content.byteSize();
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) {
        target.copyFrom(content.asSlice(offsetBytes, target.byteSize()));
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) {
        content.asSlice(offsetBytes, source.byteSize()).copyFrom(source);
    }

    @Override
    public void flush() {}

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) {
        return false;
    }

    @Override
    public void close() {
        arena.close();
    }
}

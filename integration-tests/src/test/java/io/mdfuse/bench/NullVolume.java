package io.mdfuse.bench;

import io.mdfuse.raid.array.Volume;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * A volume with no storage behind it: it reads as zeros and forgets what is written. What a benchmark measures on it
 * is the file system's own cost, which no array can go below.
 */
record NullVolume(String name, long sizeBytes) implements Volume {
    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) {
        target.fill((byte) 0);
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) {}

    @Override
    public void flush() {}

    @Override
    public void zero(long offsetBytes, long lengthBytes) {}

    @Override
    public Map<String, String> attributes() {
        return Map.of("array_state", "null");
    }
}

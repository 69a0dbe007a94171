package io.mdfuse.bench;

import io.mdfuse.raid.array.Volume;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * A volume without storage: it reads as zeros and discards writes. A benchmark on it measures the cost of the file
 * system alone, which is the lower limit for any array.
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

package io.mdfuse.fuse;

import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A volume that keeps its bytes in memory and counts its flushes. A test can make it fail, as a failed array does. */
public class MemoryVolume implements Volume {
    private final String name;
    private final MemorySegment content;
    final AtomicInteger flushes = new AtomicInteger();
    volatile boolean readOnly;
    volatile @Nullable IOException failure;

    /** How long a write takes before its bytes can be read. */
    volatile Duration writeDelay = Duration.ZERO;

    private volatile Supplier<Map<String, String>> changingAttributes = Map::of;

    public MemoryVolume(String name, long sizeBytes) {
        this.name = name;
        this.content = Arena.ofAuto().allocate(sizeBytes, 4096);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long sizeBytes() {
        return content.byteSize();
    }

    @Override
    public boolean readOnly() {
        return readOnly;
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws IOException {
        failIfRequested();
        target.copyFrom(content.asSlice(offsetBytes, target.byteSize()));
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws IOException {
        failIfRequested();
        LockSupport.parkNanos(writeDelay.toNanos());
        content.asSlice(offsetBytes, source.byteSize()).copyFrom(source);
    }

    @Override
    public void flush() throws IOException {
        failIfRequested();
        flushes.incrementAndGet();
    }

    @Override
    public void zero(long offsetBytes, long lengthBytes) throws IOException {
        failIfRequested();
        content.asSlice(offsetBytes, lengthBytes).fill((byte) 0);
    }

    @Override
    public Map<String, String> attributes() {
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("array_state", "clean");
        attributes.put("level", "raid5");
        attributes.putAll(changingAttributes.get());
        return attributes;
    }

    /** Adds attributes to the usual ones; they are computed each time that attributes are read. */
    public void alsoShow(Supplier<Map<String, String>> attributes) {
        changingAttributes = attributes;
    }

    byte[] bytes() {
        return content.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    private void failIfRequested() throws IOException {
        IOException told = failure;
        if (told != null) {
            throw told;
        }
    }
}

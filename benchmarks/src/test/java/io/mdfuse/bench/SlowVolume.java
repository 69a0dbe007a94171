package io.mdfuse.bench;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Simulates a disk with one head, over a device: a request that does not begin where the last request ended costs a
 * seek, each byte costs time, and only one request is served at a time. Such members show how an array uses its disks
 * and waits for them.
 */
final class SlowVolume implements Volume {
    private final BlockDevice device;
    private final long seekMicros;
    private final long bytesPerMilli;
    private long headBytes;

    SlowVolume(BlockDevice device, long seekMicros, long bytesPerMilli) {
        this.device = device;
        this.seekMicros = seekMicros;
        this.bytesPerMilli = bytesPerMilli;
    }

    @Override
    public String name() {
        return "slow";
    }

    @Override
    public long sizeBytes() {
        return device.sizeBytes();
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    private void moveTo(long offsetBytes, long lengthBytes) throws IOException {
        long micros = lengthBytes * 1000 / bytesPerMilli + (offsetBytes == headBytes ? 0 : seekMicros);
        try {
            TimeUnit.MICROSECONDS.sleep(micros);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        headBytes = offsetBytes + lengthBytes;
    }

    @Override
    public synchronized void read(long offsetBytes, MemorySegment target) throws IOException {
        moveTo(offsetBytes, target.byteSize());
        device.read(offsetBytes, target);
    }

    @Override
    public synchronized void write(long offsetBytes, MemorySegment source) throws IOException {
        moveTo(offsetBytes, source.byteSize());
        device.write(offsetBytes, source);
    }

    @Override
    public synchronized void flush() throws IOException {
        device.flush();
    }

    @Override
    public void zero(long offsetBytes, long lengthBytes) {
        throw new UnsupportedOperationException("this disk knows no trim");
    }

    @Override
    public Map<String, String> attributes() {
        return Map.of("array_state", "slow");
    }
}

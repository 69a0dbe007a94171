package io.mdfuse.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A disk in memory that can lose unflushed writes.
 *
 * <p>Before a power failure a read returns what was written. {@link #crashed} and the disk's trace give its content
 * after a power failure: all flushed changes, and those unflushed ones that a {@link Survival} selects.
 */
public final class CrashDisk implements BlockDevice {
    private final String name;
    private final CrashTrace trace;
    private final int number;
    private final DiskImage current;
    private DiskHistory history;
    private boolean closed;

    /** A disk of zeros with its own trace, which does not record. */
    public CrashDisk(String name, long sizeBytes) {
        this(name, new DiskImage(sizeBytes), CrashTrace.notRecording());
    }

    /** A disk of zeros on the trace given. */
    public CrashDisk(String name, long sizeBytes, CrashTrace trace) {
        this(name, new DiskImage(sizeBytes), trace);
    }

    /** A disk whose content is a copy of the image, all of it durable. */
    public CrashDisk(String name, DiskImage image, CrashTrace trace) {
        this.name = name;
        this.trace = trace;
        this.current = image.copy();
        this.number = trace.join(this, image);
        this.history = new DiskHistory(number, image.copy());
    }

    /** A copy of this disk on another trace, with the same name and content, all of it durable. */
    public CrashDisk onTrace(CrashTrace other) {
        return new CrashDisk(name, image(), other);
    }

    /** Copies of all of these disks on another trace, in a new list. */
    public static List<CrashDisk> onTrace(List<CrashDisk> disks, CrashTrace other) {
        List<CrashDisk> again = new ArrayList<>();
        disks.forEach(disk -> again.add(disk.onTrace(other)));
        return again;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long sizeBytes() {
        return current.sizeBytes();
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, target.byteSize(), sizeBytes());
        synchronized (trace) {
            requireOn("read", offsetBytes, target.byteSize());
            current.read(offsetBytes, target);
        }
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, source.byteSize(), sizeBytes());
        synchronized (trace) {
            requireOn("write", offsetBytes, source.byteSize());
            change(new DiskEvent.Write(number, offsetBytes, source.toArray(ValueLayout.JAVA_BYTE)));
        }
    }

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes());
        synchronized (trace) {
            requireOn("trim", offsetBytes, lengthBytes);
            change(new DiskEvent.Trim(number, offsetBytes, lengthBytes));
        }
        return true;
    }

    private void change(DiskEvent.Change change) {
        change.applyTo(current, change.offsetBytes(), change.offsetBytes() + change.lengthBytes());
        history.add(change);
        trace.record(change);
    }

    @Override
    public void flush() throws DeviceException {
        synchronized (trace) {
            requireOn("flush", 0, 0);
            DiskEvent.Flush flush = new DiskEvent.Flush(number);
            history.add(flush);
            trace.record(flush);
        }
    }

    /** After this every call fails, but {@link #image} and {@link #crashed} still return the content. */
    @Override
    public void close() {
        synchronized (trace) {
            closed = true;
        }
    }

    private void requireOn(String verb, long offsetBytes, long lengthBytes) throws DeviceException {
        if (closed || trace.powerIsOff()) {
            throw new DeviceException(name, verb, offsetBytes, lengthBytes, closed ? "it is closed" : "power is off");
        }
    }

    /** A copy of the current content, flushed or not. */
    public DiskImage image() {
        synchronized (trace) {
            return current.copy();
        }
    }

    /** How many writes and trims are not flushed yet. */
    public int pendingCount() {
        synchronized (trace) {
            return history.pendingCount();
        }
    }

    /** A new disk with the content of this one after a power failure now, on the trace given. */
    public CrashDisk crashed(Survival survival, CrashTrace next) {
        synchronized (trace) {
            return new CrashDisk(name, history.afterCrash(survival), next);
        }
    }

    /** Makes the current content durable. */
    void makeDurable() {
        synchronized (trace) {
            history = new DiskHistory(number, current.copy());
        }
    }
}

package io.mdfuse.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A disk in memory that forgets what was not flushed.
 *
 * <p>While power is on it reads back whatever was written. {@link #crashed} and the trace it belongs to say what it
 * holds after power failed: everything that was flushed, and of the rest what a {@link Survival} lets through.
 */
public final class CrashDisk implements BlockDevice {
    private final String name;
    private final CrashTrace trace;
    private final int number;
    private final DiskImage current;
    private DiskHistory history;
    private boolean closed;

    /** A disk of zeros that is on no trace with others. */
    public CrashDisk(String name, long sizeBytes) {
        this(name, new DiskImage(sizeBytes), CrashTrace.notRecording());
    }

    /** A disk of zeros whose events go to a trace. */
    public CrashDisk(String name, long sizeBytes, CrashTrace trace) {
        this(name, new DiskImage(sizeBytes), trace);
    }

    /** A disk that holds a copy of the image, all of it durable. */
    public CrashDisk(String name, DiskImage image, CrashTrace trace) {
        this.name = name;
        this.trace = trace;
        this.current = image.copy();
        this.number = trace.join(this, image);
        this.history = new DiskHistory(number, image.copy());
    }

    /** A disk of the same name with what this one reads as now, all of it durable, on another trace. */
    public CrashDisk onTrace(CrashTrace other) {
        return new CrashDisk(name, image(), other);
    }

    /** All of these disks on another trace, in a list of its own. */
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

    /** After this every call fails; the contents stay for {@link #image} and {@link #crashed}. */
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

    /** A copy of what reads see now, flushed or not. */
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

    /** This disk as it is found after power failed now; a disk of its own, on the trace given. */
    public CrashDisk crashed(Survival survival, CrashTrace next) {
        synchronized (trace) {
            return new CrashDisk(name, history.afterCrash(survival), next);
        }
    }

    /** Calls whatever is here now durable. */
    void settle() {
        synchronized (trace) {
            history = new DiskHistory(number, current.copy());
        }
    }
}

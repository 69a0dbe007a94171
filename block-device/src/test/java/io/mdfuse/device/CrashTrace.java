package io.mdfuse.device;

import java.util.ArrayList;
import java.util.List;

/**
 * The events of several crash disks, in one order: every write, trim and flush, with the bytes.
 *
 * <p>The disks of a trace share its lock, so the order is that in which the events happened, and they lose power
 * together. A position in the trace is a number of events. A test notes {@link #length()} when a request has returned,
 * and later checks for every crash from that position on that the request's effect has survived.
 */
public final class CrashTrace {
    private final boolean recording;
    private final List<CrashDisk> disks = new ArrayList<>();
    private final List<DiskHistory> starts = new ArrayList<>();
    private final List<DiskEvent> events = new ArrayList<>();
    private boolean powerIsOff;

    private CrashTrace(boolean recording) {
        this.recording = recording;
    }

    /** A trace that keeps all events, so that a crash at any of them can be simulated. Memory grows with each write. */
    public static CrashTrace recording() {
        return new CrashTrace(true);
    }

    /** A trace without events, for long runs: a crash can be simulated only now. The disks lose power together. */
    public static CrashTrace notRecording() {
        return new CrashTrace(false);
    }

    /** The number of events since the start, or since the last {@link #restart()}. */
    public synchronized int length() {
        return events.size();
    }

    /** The events so far. */
    public synchronized List<DiskEvent> events() {
        return List.copyOf(events);
    }

    /** The disks, by their number in the trace. */
    public synchronized List<CrashDisk> disks() {
        return List.copyOf(disks);
    }

    /** Discards all events: the content of the disks is durable now, and the trace begins here. */
    public synchronized void restart() {
        events.clear();
        for (int i = 0; i < disks.size(); i++) {
            CrashDisk disk = disks.get(i);
            disk.makeDurable();
            starts.set(i, new DiskHistory(i, disk.image()));
        }
    }

    /** From now on every call to every disk of this trace fails. {@link #crashNow} gives what has survived. */
    public synchronized void cutPower() {
        powerIsOff = true;
    }

    /** The disks after a power failure now or, after {@link #cutPower}, at that time; on the trace given. */
    public synchronized List<CrashDisk> crashNow(Survival survival, CrashTrace next) {
        return disks.stream().map(disk -> disk.crashed(survival, next)).toList();
    }

    /**
     * The disks after a power failure that follows the first {@code prefixLength} events; on a trace that does not
     * record.
     */
    public List<CrashDisk> materialise(int prefixLength, Survival survival) {
        CrashCursor cursor = cursor();
        cursor.advanceTo(prefixLength);
        return cursor.state(survival).disks(notRecording());
    }

    synchronized CrashCursor cursor() {
        if (!recording) {
            throw new IllegalStateException("this trace keeps no events");
        }
        return new CrashCursor(
                disks.stream().map(CrashDisk::name).toList(),
                starts.stream().map(DiskHistory::copy).toList(),
                List.copyOf(events));
    }

    /** Adds a disk, before its first event. Returns its number. */
    synchronized int join(CrashDisk disk, DiskImage image) {
        disks.add(disk);
        starts.add(new DiskHistory(disks.size() - 1, image.copy()));
        return disks.size() - 1;
    }

    /** Called by a disk that holds this trace's lock. */
    void record(DiskEvent event) {
        if (recording) {
            events.add(event);
        }
    }

    /** Called by a disk that holds this trace's lock. */
    boolean powerIsOff() {
        return powerIsOff;
    }
}

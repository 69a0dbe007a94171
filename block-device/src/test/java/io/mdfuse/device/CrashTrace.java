package io.mdfuse.device;

import java.util.ArrayList;
import java.util.List;

/**
 * What happened to several crash disks, in one order: every write, trim and flush, with the bytes.
 *
 * <p>The disks of a trace share its lock, so the order is the true one, and they lose power together. A position in
 * the trace is a count of events: a test notes {@link #length()} when a request was answered, and later asks of every
 * crash from that position on whether the answer was kept.
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

    /** Keeps all events, so that a crash at any of them can be made afterwards. Memory grows with each write. */
    public static CrashTrace recording() {
        return new CrashTrace(true);
    }

    /** Keeps no events: for long runs, where a crash happens only now. The disks still lose power together. */
    public static CrashTrace notRecording() {
        return new CrashTrace(false);
    }

    /** How many events there were since the start, or since the last {@link #restart()}. */
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

    /** Forgets all events: whatever the disks hold now is durable, and the trace begins here. */
    public synchronized void restart() {
        events.clear();
        for (int i = 0; i < disks.size(); i++) {
            CrashDisk disk = disks.get(i);
            disk.settle();
            starts.set(i, new DiskHistory(i, disk.image()));
        }
    }

    /** From now on every call to every disk of this trace fails. What survived is asked of {@link #crashNow}. */
    public synchronized void cutPower() {
        powerIsOff = true;
    }

    /** The disks as they are found when power fails now, or failed before, and comes back; on a trace of their own. */
    public synchronized List<CrashDisk> crashNow(Survival survival, CrashTrace next) {
        return disks.stream().map(disk -> disk.crashed(survival, next)).toList();
    }

    /**
     * The disks as they are found when power had failed after the first {@code prefixLength} events; on a trace that
     * does not record.
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

    /** A disk joins, before its first event. Answers its number. */
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

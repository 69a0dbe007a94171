package io.mdfuse.device;

import java.util.List;

/**
 * Walks once along a trace and can make the states of a crash where it stands. What is flushed moves along with it,
 * so that a state costs only its unflushed changes.
 */
final class CrashCursor {
    private final List<String> names;
    private final List<DiskHistory> histories;
    private final List<DiskEvent> events;
    private int position;

    CrashCursor(List<String> names, List<DiskHistory> histories, List<DiskEvent> events) {
        this.names = names;
        this.histories = histories;
        this.events = events;
    }

    int length() {
        return events.size();
    }

    /** Goes on to where so many events have happened; there is no way back. */
    void advanceTo(int prefixLength) {
        if (prefixLength < position || prefixLength > events.size()) {
            throw new IndexOutOfBoundsException("from " + position + " to " + prefixLength + " of " + events.size());
        }
        while (position < prefixLength) {
            DiskEvent event = events.get(position);
            histories.get(event.disk()).add(event);
            position++;
        }
    }

    /** For each disk, how many changes are not flushed here. */
    List<Integer> pendingCounts() {
        return histories.stream().map(DiskHistory::pendingCount).toList();
    }

    /** The state of a crash here; good until the cursor moves on. */
    CrashState state(Survival survival) {
        return new CrashState(position, survival, names, histories);
    }
}

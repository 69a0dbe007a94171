package io.mdfuse.device;

import java.util.List;

/**
 * Walks once along a trace and makes the states that a crash at its position can leave. The cursor keeps the flushed
 * content at its position, so that a state costs only the unflushed changes.
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

    /** Moves forward to the position after {@code prefixLength} events. */
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

    /** For each disk, the number of changes not flushed at this position. */
    List<Integer> pendingCounts() {
        return histories.stream().map(DiskHistory::pendingCount).toList();
    }

    /** The state that a crash at this position leaves; valid until the cursor moves. */
    CrashState state(Survival survival) {
        return new CrashState(position, survival, names, histories);
    }
}

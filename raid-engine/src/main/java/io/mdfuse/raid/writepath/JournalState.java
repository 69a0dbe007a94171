package io.mdfuse.raid.writepath;

import io.mdfuse.raid.superblock.JournalMode;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The state of the writes of an array with a journal.
 *
 * <pre>
 *                       WRITE_BACK requested (healthy arrays only)
 *   WRITE_THROUGH ──────────────────────────────────────────────────▶ WRITE_BACK
 *      │     ▲                                                          │     │
 *      │     └──────────────────────────────────────────────────────────┘     │
 *      │        WRITE_THROUGH requested, or a member failed                   │
 *      │                                                                      │
 *      └── journal failed, its failure recorded ──▶ ABANDONED ◀───────────────┘
 * </pre>
 *
 * <ul>
 *   <li>WRITE_THROUGH: no more stripes are cached. Those that still are, are being written out.
 *   <li>WRITE_BACK: whole blocks of healthy, synced stripes are cached.
 *   <li>ABANDONED: nothing is cached, all data is on the members, flushed, and their superblocks say that the journal
 *       has failed. Writes are refused; reads are served. Final.
 * </ul>
 */
enum JournalState {
    WRITE_THROUGH(JournalMode.WRITE_THROUGH),
    WRITE_BACK(JournalMode.WRITE_BACK),
    ABANDONED(JournalMode.WRITE_THROUGH);

    private final JournalMode mode;

    JournalState(JournalMode mode) {
        this.mode = mode;
    }

    /** The mode that is in force in this state, as the array's attributes show it. */
    JournalMode mode() {
        return mode;
    }

    /** True if the diagram has an arrow to {@code next}, or {@code next} is this state. */
    boolean canBecome(JournalState next) {
        return this == next || this != ABANDONED;
    }

    /** The current state of one array. Thread-safe. */
    static final class Holder {
        private final AtomicReference<JournalState> state = new AtomicReference<>(WRITE_THROUGH);

        JournalState get() {
            return Objects.requireNonNull(state.get());
        }

        /** Moves to a state, unless the diagram has no arrow there; returns whether it is in that state now. */
        boolean moveTo(JournalState next) {
            return state.updateAndGet(now -> now.canBecome(next) ? next : now) == next;
        }
    }
}

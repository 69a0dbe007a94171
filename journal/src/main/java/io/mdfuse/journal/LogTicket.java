package io.mdfuse.journal;

import org.jspecify.annotations.Nullable;

/**
 * Identifies one append: {@link Journal#commit} and {@link Journal#awaitWritten} wait for it, {@link Journal#release}
 * lets the tail move past it.
 *
 * <p>The ticket is also the list node of the {@link TicketQueue} that contains it. These fields are guarded by the
 * journal's lock; the others are immutable.
 */
public final class LogTicket {
    private final LogPosition firstMetaBlock;
    private final long order;

    @Nullable
    LogTicket older;

    @Nullable
    LogTicket newer;

    boolean queued;

    LogTicket(LogPosition firstMetaBlock, long order) {
        this.firstMetaBlock = firstMetaBlock;
        this.order = order;
    }

    /** The meta block that contains the append's first payload; it may contain payloads of earlier appends too. */
    public LogPosition firstMetaBlock() {
        return firstMetaBlock;
    }

    /** The number of the append, from 1: an append with a greater number is behind it in the log. */
    public long order() {
        return order;
    }
}

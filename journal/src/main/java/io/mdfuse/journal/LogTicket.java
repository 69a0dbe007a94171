package io.mdfuse.journal;

import org.jspecify.annotations.Nullable;

/**
 * One append's receipt: asked with, to wait for it, and handed back once the log need not keep it any longer.
 *
 * <p>It is also the link of the {@link TicketQueue} it stands in, which is guarded by the journal's lock.
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

    /** The meta block that holds the append's first payload; earlier appends may have payloads in it too. */
    public LogPosition firstMetaBlock() {
        return firstMetaBlock;
    }

    /** Counts the appends from 1: a ticket with a greater order lies further on in the log. */
    public long order() {
        return order;
    }
}

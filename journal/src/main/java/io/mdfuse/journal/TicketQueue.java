package io.mdfuse.journal;

import org.jspecify.annotations.Nullable;

/**
 * The tickets not released yet, oldest first. Stripes reach the members in any order, so a ticket can be removed from
 * the middle, in constant time. Guarded by the journal's lock.
 */
final class TicketQueue {
    private @Nullable LogTicket oldest;
    private @Nullable LogTicket newest;

    /** The oldest ticket, or null if all are released. */
    @Nullable
    LogTicket oldest() {
        return oldest;
    }

    void add(LogTicket ticket) {
        ticket.queued = true;
        ticket.older = newest;
        if (newest == null) {
            oldest = ticket;
        } else {
            newest.newer = ticket;
        }
        newest = ticket;
    }

    /** @throws IllegalStateException if the ticket has been released before */
    void remove(LogTicket ticket) {
        if (!ticket.queued) {
            throw new IllegalStateException("the ticket of order " + ticket.order() + " was released twice");
        }
        LogTicket older = ticket.older;
        LogTicket newer = ticket.newer;
        if (older == null) {
            oldest = newer;
        } else {
            older.newer = newer;
        }
        if (newer == null) {
            newest = older;
        } else {
            newer.older = older;
        }
        ticket.older = null;
        ticket.newer = null;
        ticket.queued = false;
    }
}

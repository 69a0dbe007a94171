package io.mdfuse.raid.writepath;

import io.mdfuse.journal.LogTicket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A reference count on one append of cached data: how many stripes still need it in the log. A stripe retains the
 * append of its first block only: the tail can't pass that append, so whatever the stripe logs later stays in the log
 * too.
 */
final class SharedLogTicket {
    private final LogTicket ticket;
    private final Reclaimer reclaimer;
    /** The appending request has a reference too, until its stripes are in the cache. */
    private final AtomicInteger references = new AtomicInteger(1);

    SharedLogTicket(LogTicket ticket, Reclaimer reclaimer) {
        this.ticket = ticket;
        this.reclaimer = reclaimer;
    }

    /** Adds a reference for one more stripe; returns what to run when that stripe has been written out. */
    Runnable retain() {
        references.incrementAndGet();
        return this::release;
    }

    /** Drops a reference; the last one releases the log space. */
    void release() {
        if (references.decrementAndGet() == 0) {
            reclaimer.release(ticket);
        }
    }
}

package io.mdfuse.raid.writepath;

import io.mdfuse.journal.LogTicket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One append of cached data, and how many stripes still need it in the log. A stripe holds the append of its first
 * block only: as the tail can't pass that, whatever the stripe logged later is kept too.
 */
final class HeldTicket {
    private final LogTicket ticket;
    private final Reclaimer reclaimer;
    /** The request that appends is a holder too, until its stripes are in the cache. */
    private final AtomicInteger holders = new AtomicInteger(1);

    HeldTicket(LogTicket ticket, Reclaimer reclaimer) {
        this.ticket = ticket;
        this.reclaimer = reclaimer;
    }

    /** One more stripe needs it; returns what to run when that stripe is written out. */
    Runnable hold() {
        holders.incrementAndGet();
        return this::letGo;
    }

    void letGo() {
        if (holders.decrementAndGet() == 0) {
            reclaimer.release(ticket);
        }
    }
}

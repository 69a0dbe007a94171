package io.mdfuse.raid.sync;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import java.util.function.IntPredicate;

/**
 * Has the members fetch what a pass over the stripes will read next, all at once and ahead of it: each then streams at
 * its own speed while the pass works, range by range, on what is there already.
 *
 * <p>Used by the one thread that makes the pass.
 */
final class MemberReadAhead {
    private static final long STEP_SECTORS = (1 << 20) / Sectors.BYTES;

    /** How far ahead of the pass is asked for, at least; in bytes of each member it is the memory that this takes. */
    private static final long AHEAD_SECTORS = 2 * STEP_SECTORS;

    private final MemberSet members;
    private final IntPredicate slots;
    private final boolean fromMedium;
    private long askedUntil;

    /**
     * Nothing is asked for yet.
     *
     * @param slots which slots the pass reads
     * @param fromMedium whether what the host has in memory is not good enough, since the pass is to find what
     *     can't be read
     */
    MemberReadAhead(MemberSet members, IntPredicate slots, boolean fromMedium) {
        this.members = members;
        this.slots = slots;
        this.fromMedium = fromMedium;
    }

    /**
     * The pass is about to read from one stripe on.
     *
     * @param endStripeSector how far it goes without a gap
     */
    void passing(long stripeSector, long endStripeSector) {
        askedUntil = Math.max(askedUntil, stripeSector);
        long wanted = Math.min(endStripeSector, stripeSector + AHEAD_SECTORS);
        // In steps, since many small requests are what this is there to avoid; the last one may be short.
        while (askedUntil < wanted && (wanted - askedUntil >= STEP_SECTORS || wanted == endStripeSector)) {
            long until = Math.min(wanted, askedUntil + STEP_SECTORS);
            ask(Sectors.toBytes(askedUntil), Sectors.toBytes(until - askedUntil));
            askedUntil = until;
        }
    }

    private void ask(long memberOffsetBytes, long lengthBytes) {
        for (int slot = 0; slot < members.size(); slot++) {
            Member member = slots.test(slot) ? members.inSync(slot) : null;
            if (member != null) {
                if (fromMedium) {
                    member.evict(memberOffsetBytes, lengthBytes);
                }
                member.prefetch(memberOffsetBytes, lengthBytes);
            }
        }
    }
}

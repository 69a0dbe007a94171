package io.mdfuse.raid.sync;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import java.util.function.IntPredicate;

/**
 * Makes all members prefetch the stripes that a pass will read next. So each member streams at its own speed while the
 * pass works, range by range, on content that is already in memory.
 *
 * <p>Used by the one thread that makes the pass.
 */
final class MemberReadAhead {
    private static final long STEP_SECTORS = (1 << 20) / Sectors.BYTES;

    /**
     * The least distance that is prefetched ahead of the pass; for each member it takes that much memory. It is more
     * than any pass reads under one lease, so that no member is idle before the next one.
     */
    private static final long AHEAD_SECTORS = 8 * STEP_SECTORS;

    private final MemberSet members;
    private final IntPredicate slots;
    private final boolean fromMedium;
    private long prefetchedUntil;

    /**
     * Prefetches nothing yet.
     *
     * @param slots the slots that the pass reads
     * @param fromMedium whether blocks must be read from the medium although the host has them in memory, because the
     *     pass has to find blocks that can't be read
     */
    MemberReadAhead(MemberSet members, IntPredicate slots, boolean fromMedium) {
        this.members = members;
        this.slots = slots;
        this.fromMedium = fromMedium;
    }

    /**
     * Prefetches what is missing ahead of the pass. Called before the pass reads a range.
     *
     * @param stripeSector the first stripe of that range
     * @param endStripeSector the end of the stripes that the pass will read without a gap
     */
    void passing(long stripeSector, long endStripeSector) {
        prefetchedUntil = Math.max(prefetchedUntil, stripeSector);
        long wanted = Math.min(endStripeSector, stripeSector + AHEAD_SECTORS);
        // In large steps, to avoid many small requests; the last step may be short.
        while (prefetchedUntil < wanted && (wanted - prefetchedUntil >= STEP_SECTORS || wanted == endStripeSector)) {
            long until = Math.min(wanted, prefetchedUntil + STEP_SECTORS);
            prefetch(Sectors.toBytes(prefetchedUntil), Sectors.toBytes(until - prefetchedUntil));
            prefetchedUntil = until;
        }
    }

    private void prefetch(long memberOffsetBytes, long lengthBytes) {
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

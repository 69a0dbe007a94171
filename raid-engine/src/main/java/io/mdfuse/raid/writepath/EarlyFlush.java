package io.mdfuse.raid.writepath;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RunWrite;
import java.util.List;

/**
 * Has the members write long ranges to their media as soon as the ranges are written, without waiting. So a reclaim,
 * whose flush of all members competes with the flushes of the log, finds little to do, and the media are busy while the
 * next request is transferred and its parity made.
 *
 * <p>Short ranges are left in the hosts' memory: the same blocks may be written again before the reclaim, and the host
 * writes neighbours together then. Write-through alone uses this: what the cache of write-back writes out would compete
 * with the flushes of requests, and an array without a journal has no reclaim.
 */
final class EarlyFlush {
    /** From this length on a range is long: a disk takes longer to seek than to write less. */
    static final long LONG_RANGE_BYTES = 64 << 10;

    private final ArrayGeometry geometry;
    private final MemberSet members;

    EarlyFlush(ArrayGeometry geometry, MemberSet members) {
        this.geometry = geometry;
        this.members = members;
    }

    /** Starts to flush the long ranges of a request. Its runs are in ascending order; those that touch count as one. */
    void begin(List<RunWrite> runs) {
        long from = 0;
        long end = 0;
        for (RunWrite run : runs) {
            if (run.memberOffsetBytes() != end) {
                begin(from, end);
                from = run.memberOffsetBytes();
            }
            end = run.memberOffsetBytes() + run.bytesPerSlot();
        }
        begin(from, end);
    }

    /** On every member: one on which nothing of the range was written has nothing to do. */
    private void begin(long from, long end) {
        if (end - from < LONG_RANGE_BYTES) {
            return;
        }
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            for (Member member : members.writable(slot)) {
                member.beginFlush(from, end - from);
            }
        }
    }
}

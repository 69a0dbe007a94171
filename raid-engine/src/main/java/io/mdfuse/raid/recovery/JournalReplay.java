package io.mdfuse.raid.recovery;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.LogContinuation;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.writepath.MemberWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Brings the members to what the journal says, and flushes them. Only then may the caller start the log anew: a
 * crash before that replays the same again, with the same result.
 *
 * <p>Unlike md, which writes data that was cached without parity to the log's end again and leaves it to the cache,
 * this completes such stripes at once: the parity alone goes to the log's end ({@link PendingStripes}).
 */
final class JournalReplay {
    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final LogArea log;
    private final @Nullable LogContinuation continuation;
    private final StripeLocks.Lease lease;
    private final Map<ReplayCase, Long> count = new EnumMap<>(ReplayCase.class);
    private final List<Long> lost = new ArrayList<>();
    private final List<Long> doubtful = new ArrayList<>();

    /**
     * @param continuation the log's end, where what recovery decides goes first; null for a read-only array
     * @param lease covers every stripe of the array
     */
    JournalReplay(
            ArrayGeometry geometry,
            MemberSet members,
            LogArea log,
            @Nullable LogContinuation continuation,
            StripeLocks.Lease lease) {
        this.lease = lease;
        this.geometry = geometry;
        this.members = members;
        this.log = log;
        this.continuation = continuation;
    }

    /**
     * Replays all that is in the index.
     *
     * @param index what the log holds
     * @param tornEnd whether its last block looks as if it was cut short
     */
    ReplayReport replay(ReplayIndex index, boolean tornEnd) throws IOException {
        MemberWriter writer = new MemberWriter(geometry, members);
        try (SettledStripe settledStripe = new SettledStripe(geometry, members, log);
                PendingStripes pendingStripes = new PendingStripes(geometry, members, log, continuation, lease)) {
            for (long stripeSector : index.stripeSectors()) {
                StripeReplay stripe = index.stripeAt(stripeSector);
                boolean settled = !stripe.settled().isEmpty();
                RunWrite run = settled ? settledStripe.read(stripeSector, stripe) : null;
                ReplayCase replayCase =
                        ReplayCase.of(settled, run != null, !stripe.pending().isEmpty());
                count.merge(replayCase, 1L, Long::sum);
                if (run != null) {
                    writer.write(lease, List.of(run));
                }
                // Before anything is solved: what a bad block is made to hold then is as doubtful as it was.
                noteLosses(stripeSector, stripe, replayCase);
                switch (replayCase) {
                    case NOTHING, SETTLED -> {}
                    case PENDING, SETTLED_THEN_PENDING ->
                        noteDropped(stripeSector, pendingStripes.complete(stripeSector, stripe, false));
                    case DOUBTFUL -> {
                        writeWhatWasBefore(stripeSector, stripe, settledStripe, writer);
                        noteDropped(stripeSector, pendingStripes.complete(stripeSector, stripe, true));
                    }
                }
            }
            pendingStripes.finish();
        }
        members.flush();
        long doubtfulStripes = count.getOrDefault(ReplayCase.DOUBTFUL, 0L);
        return new ReplayReport(
                count.getOrDefault(ReplayCase.SETTLED, 0L),
                count.getOrDefault(ReplayCase.PENDING, 0L)
                        + count.getOrDefault(ReplayCase.SETTLED_THEN_PENDING, 0L)
                        + doubtfulStripes,
                List.copyOf(lost),
                List.copyOf(doubtful),
                index.gaps(),
                tornEnd);
    }

    /**
     * Where power tore the newest batch of a stripe, the one before it may be half on the members. It is brought there
     * whole, so that what is missing can be solved as it was then.
     */
    private void writeWhatWasBefore(
            long stripeSector, StripeReplay stripe, SettledStripe settledStripe, MemberWriter writer)
            throws IOException {
        StripeReplay before = stripe.beforeDamage();
        if (before != null && !settledStripe.hasReachedMembers(stripeSector, stripe, before)) {
            RunWrite run = settledStripe.read(stripeSector, before);
            if (run != null) {
                writer.write(lease, List.of(run));
            }
        }
    }

    private void noteLosses(long stripeSector, StripeReplay stripe, ReplayCase replayCase) {
        boolean inDoubt = replayCase == ReplayCase.DOUBTFUL;
        long row = geometry.rowOfStripe(stripeSector);
        for (int index = 0; index < geometry.dataDisks(); index++) {
            long arraySector = geometry.arraySectorOf(stripeSector, index);
            boolean pending = stripe.pending().holds(index);
            boolean settled = stripe.settled().holds(index);
            if (stripe.pending().isDamaged(index)
                    || (inDoubt && !pending && stripe.settled().isDamaged(index))) {
                lost.add(arraySector);
            } else if (inDoubt && !pending && !settled && !isReadable(stripeSector, geometry.dataSlot(row, index))) {
                doubtful.add(arraySector);
            }
        }
    }

    private void noteDropped(long stripeSector, List<Integer> dataIndices) {
        for (int index : dataIndices) {
            lost.add(geometry.arraySectorOf(stripeSector, index));
        }
    }

    private boolean isReadable(long stripeSector, int slot) {
        return !members.isLost(slot, stripeSector, stripeSector + Sectors.PER_BLOCK);
    }
}

package io.mdfuse.raid.recovery;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.RecoveryLogWriter;
import io.mdfuse.raid.event.RecoveryProgress;
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
 * Writes the content of the journal to the members, and flushes them. Only then may the caller start a new log: after a
 * crash before that, the same log is replayed again, with the same result.
 *
 * <p>md writes the data of data-only stripes to the log's end again and leaves them to the cache. This class completes
 * them at once: only their parity is written to the log's end ({@link DataOnlyStripes}).
 */
final class JournalReplay {
    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final LogArea log;
    private final @Nullable RecoveryLogWriter logWriter;
    private final StripeLocks.Lease lease;
    private final Map<ReplayCase, Long> count = new EnumMap<>(ReplayCase.class);
    private final List<Long> lost = new ArrayList<>();
    private final List<Long> doubtful = new ArrayList<>();

    /**
     * @param logWriter the log's end, to which parity is written first; null for a read-only array
     * @param lease covers every stripe of the array
     */
    JournalReplay(
            ArrayGeometry geometry,
            MemberSet members,
            LogArea log,
            @Nullable RecoveryLogWriter logWriter,
            StripeLocks.Lease lease) {
        this.lease = lease;
        this.geometry = geometry;
        this.members = members;
        this.log = log;
        this.logWriter = logWriter;
    }

    /**
     * Replays every stripe of the index.
     *
     * @param index the records of the log, by stripe
     * @param tornEnd whether the last block of the log looks as if a power failure interrupted its write
     */
    ReplayReport replay(ReplayIndex index, boolean tornEnd, RecoveryProgress progress) throws IOException {
        long replayed = 0;
        MemberWriter writer = new MemberWriter(geometry, members);
        try (DataParityStripe dataParityStripe = new DataParityStripe(geometry, members, log);
                MergedRuns asLogged = new MergedRuns(geometry, writer, lease);
                DataOnlyStripes dataOnlyStripes = new DataOnlyStripes(geometry, members, log, logWriter, lease)) {
            ReplayAhead ahead = new ReplayAhead(index, dataOnlyStripes);
            for (long stripeSector : index.stripeSectors()) {
                ahead.next();
                progress.replayed(replayed++, index.stripeSectors().size());
                StripeReplay stripe = index.stripeAt(stripeSector);
                boolean covered = !stripe.covered().isEmpty();
                RunWrite run = covered ? dataParityStripe.read(stripeSector, stripe) : null;
                ReplayCase replayCase =
                        ReplayCase.of(covered, run != null, !stripe.uncovered().isEmpty());
                count.merge(replayCase, 1L, Long::sum);
                if (run != null) {
                    asLogged.add(run);
                }
                // Before blocks are solved: the solved content of a bad block stays in doubt.
                recordLosses(stripeSector, stripe, replayCase);
                switch (replayCase) {
                    case NOTHING, DATA_PARITY -> {}
                    case DATA_ONLY ->
                        recordDropped(stripeSector, dataOnlyStripes.complete(stripeSector, stripe, false));
                    case DATA_PARITY_THEN_DATA_ONLY -> {
                        // The parity of the newer data is made from the members.
                        asLogged.finish();
                        recordDropped(stripeSector, dataOnlyStripes.complete(stripeSector, stripe, false));
                    }
                    case DOUBTFUL -> {
                        writeOlderCoveredData(stripeSector, stripe, dataParityStripe, writer);
                        recordDropped(stripeSector, dataOnlyStripes.complete(stripeSector, stripe, true));
                    }
                }
            }
            asLogged.finish();
            dataOnlyStripes.finish();
        }
        members.flush();
        long doubtfulStripes = count.getOrDefault(ReplayCase.DOUBTFUL, 0L);
        return new ReplayReport(
                count.getOrDefault(ReplayCase.DATA_PARITY, 0L),
                count.getOrDefault(ReplayCase.DATA_ONLY, 0L)
                        + count.getOrDefault(ReplayCase.DATA_PARITY_THEN_DATA_ONLY, 0L)
                        + doubtfulStripes,
                List.copyOf(lost),
                List.copyOf(doubtful),
                index.gaps(),
                tornEnd);
    }

    /**
     * Writes the older covered data of a stripe whose newest batch is damaged. If a power failure tore that batch, the
     * batch before it may be half on the members: once it is there completely, missing blocks are solved from it.
     */
    private void writeOlderCoveredData(
            long stripeSector, StripeReplay stripe, DataParityStripe dataParityStripe, MemberWriter writer)
            throws IOException {
        StripeReplay before = stripe.beforeDamage();
        if (before != null && !dataParityStripe.hasReachedMembers(stripeSector, stripe, before)) {
            RunWrite run = dataParityStripe.read(stripeSector, before);
            if (run != null) {
                writer.write(lease, List.of(run));
            }
        }
    }

    private void recordLosses(long stripeSector, StripeReplay stripe, ReplayCase replayCase) {
        boolean inDoubt = replayCase == ReplayCase.DOUBTFUL;
        long row = geometry.rowOfStripe(stripeSector);
        for (int index = 0; index < geometry.dataDisks(); index++) {
            long arraySector = geometry.arraySectorOf(stripeSector, index);
            boolean uncovered = stripe.uncovered().has(index);
            boolean covered = stripe.covered().has(index);
            if (stripe.uncovered().isDamaged(index)
                    || (inDoubt && !uncovered && stripe.covered().isDamaged(index))) {
                lost.add(arraySector);
            } else if (inDoubt && !uncovered && !covered && !isReadable(stripeSector, geometry.dataSlot(row, index))) {
                doubtful.add(arraySector);
            }
        }
    }

    private void recordDropped(long stripeSector, List<Integer> dataIndices) {
        for (int index : dataIndices) {
            lost.add(geometry.arraySectorOf(stripeSector, index));
        }
    }

    private boolean isReadable(long stripeSector, int slot) {
        return !members.isLost(slot, stripeSector, stripeSector + Sectors.PER_BLOCK);
    }
}

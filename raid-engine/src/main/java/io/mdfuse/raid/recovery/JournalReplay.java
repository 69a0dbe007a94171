package io.mdfuse.raid.recovery;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.JournalRecord;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.ScannedBlock;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Brings the members to what the journal says, and flushes them. Only then may the caller start the log anew: a
 * crash before that replays the same again, with the same result.
 *
 * <p>Unlike md, which writes data that was cached without parity to the log's end again and leaves it to the cache,
 * this completes such stripes at once: with every member there, their parity is the sum of their data, whatever state a
 * crash left it in.
 */
public final class JournalReplay {
    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final LogArea log;

    public JournalReplay(ArrayGeometry geometry, MemberSet members, LogArea log) {
        this.geometry = geometry;
        this.members = members;
        this.log = log;
    }

    /**
     * Replays all that is in the index.
     *
     * @param index what the log holds
     * @param tornEnd the log's last block where it was cut short; the parity of its stripes is checked, because a
     *     block whose end was damaged later looks the same and may have touched members
     */
    ReplayReport replay(ReplayIndex index, @Nullable ScannedBlock tornEnd) throws IOException {
        Map<ReplayCase, Long> count = new EnumMap<>(ReplayCase.class);
        List<Long> lost = new ArrayList<>();
        try (StripeReplayer replayer = new StripeReplayer(geometry, members, log)) {
            for (long stripeSector : index.stripeSectors()) {
                StripeReplay stripe = index.stripeAt(stripeSector);
                count.merge(stripe.replayCase(), 1L, Long::sum);
                for (int dataIndex : replayer.replay(stripeSector, stripe)) {
                    lost.add(geometry.arraySectorOf(stripeSector, dataIndex));
                }
            }
        }
        if (tornEnd != null && members.degraded() == 0) {
            checkParity(tornEnd);
        }
        members.flush();
        return new ReplayReport(
                count.getOrDefault(ReplayCase.AS_LOGGED, 0L),
                count.getOrDefault(ReplayCase.SOLVE_PAGE, 0L),
                count.getOrDefault(ReplayCase.MAKE_PARITY, 0L) + count.getOrDefault(ReplayCase.LOSE_PAGES, 0L),
                lost,
                tornEnd != null);
    }

    private void checkParity(ScannedBlock block) throws IOException {
        TreeSet<Long> stripes = new TreeSet<>();
        for (JournalRecord journalRecord : block.records()) {
            if (journalRecord instanceof JournalRecord.Data data && data.arraySector() < geometry.arraySectors()) {
                stripes.add(geometry.stripeSectorOf(data.arraySector()));
            }
        }
        try (ParityRepair parityRepair = new ParityRepair(geometry, members)) {
            for (long stripeSector : stripes) {
                parityRepair.repair(stripeSector, stripeSector + Sectors.PER_BLOCK);
            }
        }
    }
}

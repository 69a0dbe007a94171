package io.mdfuse.raid.recovery;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.BlockVisitor;
import io.mdfuse.journal.JournalScanner;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.LogChecksum;
import io.mdfuse.journal.LogPosition;
import io.mdfuse.journal.ScanResult;
import io.mdfuse.journal.ScannedBlock;
import io.mdfuse.journal.ScannedGap;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a journal holds, and what a recovery would do with it, found from the journal device alone and by reading alone:
 * the scan and the decision table are those of {@link JournalRecovery}. All members are taken to be there.
 *
 * <p>Used by one thread. If the array is in use meanwhile, the result is that of no moment in particular.
 */
public final class JournalSurvey {
    private final FoundDevice journal;
    private final ArrayGeometry geometry;
    private final LogArea area;

    /**
     * The result.
     *
     * @param tailSector where the walk began: the tail in the superblock
     * @param scan the log from there on
     * @param gaps the unreadable parts of the log
     * @param stripes for each case of the decision table, how many stripes
     */
    public record Found(long tailSector, ScanResult scan, List<ScannedGap> gaps, Map<ReplayCase, Long> stripes) {
        /** The position and sequence at which a recovery would start the next log, if it made no parity. */
        public LogPosition restart() {
            ScannedBlock tornEnd = scan.tornEnd();
            return (tornEnd == null ? scan.end() : tornEnd.next()).restartPosition();
        }
    }

    /**
     * Prepares the survey of one journal.
     *
     * @throws ArrayRefusedException if the device is no journal, or of an array that has no journal by md's rules
     */
    public JournalSurvey(FoundDevice journal) throws ArrayRefusedException {
        Superblock superblock = journal.superblock();
        if (superblock.ownRole() != Roles.JOURNAL) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    journal.name() + ": is no journal but another device of the array; mdfuse examine shows which");
        }
        ParityLayout layout = ParityLayout.of(superblock.level(), superblock.layout())
                .orElseThrow(() -> new ArrayRefusedException(
                        Reason.UNSUPPORTED,
                        journal.name() + ": the journal of an array of level " + superblock.level() + ", layout "
                                + superblock.layout() + ", which is not known to mdfuse"));
        this.journal = journal;
        this.geometry =
                new ArrayGeometry(layout, superblock.raidDisks(), superblock.chunkSectors(), superblock.usedSectors());
        try {
            this.area = new LogArea(
                    journal.device(),
                    Sectors.toBytes(superblock.dataOffsetSectors()),
                    Sectors.roundDown(superblock.dataSizeSectors(), Sectors.PER_BLOCK));
        } catch (IllegalArgumentException e) {
            throw new ArrayRefusedException(Reason.CORRUPT, String.valueOf(e.getMessage()));
        }
    }

    /** The array that the journal belongs to, by the journal's own superblock. */
    public ArrayGeometry geometry() {
        return geometry;
    }

    /** The ring on the device. */
    public LogArea area() {
        return area;
    }

    /**
     * Walks the log once.
     *
     * @param each receives each block and gap on the way, and the torn end if there is one
     * @throws IOException if the device can't be read, or a block names a sector that the array does not have
     */
    public Found walk(BlockVisitor each) throws IOException {
        ReplayIndex index = new ReplayIndex(geometry);
        LogChecksum checksum = new LogChecksum(journal.superblock().setUuid());
        long tail = journal.superblock().journalTailSector();
        BlockVisitor both = new BlockVisitor() {
            @Override
            public void visit(ScannedBlock block) throws IOException {
                index.visit(block);
                each.visit(block);
            }

            @Override
            public void gap(ScannedGap gap) throws IOException {
                index.gap(gap);
                each.gap(gap);
            }
        };
        ScanResult scan = new JournalScanner(area, checksum).scan(tail, both, true);
        ScannedBlock tornEnd = scan.tornEnd();
        if (tornEnd != null) {
            both.visit(tornEnd);
        }
        Map<ReplayCase, Long> stripes = new EnumMap<>(ReplayCase.class);
        for (long stripeSector : index.stripeSectors()) {
            stripes.merge(replayCase(index.stripeAt(stripeSector)), 1L, Long::sum);
        }
        return new Found(tail, scan, index.gaps(), stripes);
    }

    /** The row of the decision table if every member can give its blocks: only damaged pages are lost. */
    private ReplayCase replayCase(StripeReplay stripe) {
        int parities = geometry.layout().parityCount();
        int lost = (stripe.pPage() == StripeReplay.NONE ? 1 : 0)
                + (parities == 2 && stripe.qPage() == StripeReplay.NONE ? 1 : 0);
        for (int index = 0; index < geometry.dataDisks(); index++) {
            lost += stripe.covered().isDamaged(index) ? 1 : 0;
        }
        return ReplayCase.of(
                !stripe.covered().isEmpty(),
                lost <= parities,
                !stripe.uncovered().isEmpty());
    }
}

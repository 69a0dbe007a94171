package io.mdfuse.raid.recovery;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.BlockVisitor;
import io.mdfuse.journal.JournalScanner;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.LogChecksum;
import io.mdfuse.journal.LogPosition;
import io.mdfuse.journal.RecoveryLogWriter;
import io.mdfuse.journal.ScanResult;
import io.mdfuse.journal.ScannedBlock;
import io.mdfuse.journal.ScannedGap;
import io.mdfuse.raid.event.RecoveryProgress;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Recovers an array from its journal: scans the log from the tail, replays it, and finds the position at which a new
 * log may begin.
 *
 * <p>If the first block of a log can't be read, the content of the log is unknown. md drops such a log silently. This
 * class drops it only if the user demands that, and then all parity is made again, because stripes may be half written.
 */
public final class JournalRecovery {
    /**
     * The result of a recovery, after which the members have the content of the log.
     *
     * @param report what was replayed
     * @param restart the position at which the new log begins
     * @param logDropped true if the log could not be read and was dropped
     */
    public record Recovered(ReplayReport report, LogPosition restart, boolean logDropped) {
        /** True if stripes may be half written that are not in the readable part of the log. */
        public boolean parityInDoubt() {
            return logDropped || !report.gaps().isEmpty();
        }

        /** Messages for the user, a line each; empty if there was nothing to replay. */
        public List<String> messages() {
            return logDropped
                    ? List.of("the journal could not be read and its content was dropped; all parity is made anew")
                    : report.messages();
        }
    }

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final LogArea log;
    private final LogChecksum checksum;
    private final StripeLocks.Lease lease;
    private final RecoveryProgress progress;

    /**
     * Prepares the recovery of one array.
     *
     * @param lease covers every stripe of the array
     */
    public JournalRecovery(
            ArrayGeometry geometry,
            MemberSet members,
            LogArea log,
            LogChecksum checksum,
            StripeLocks.Lease lease,
            RecoveryProgress progress) {
        this.progress = progress;
        this.lease = lease;
        this.geometry = geometry;
        this.members = members;
        this.log = log;
        this.checksum = checksum;
    }

    /**
     * Replays the log to the members and flushes them. Unless the array is read-only, parity that the recovery makes is
     * written behind the log's end. The tail is not moved.
     *
     * @param tailSector the tail in the superblock, a sector of the log area
     * @param readOnly whether the journal must not be written
     * @param dropUnreadable whether to drop a log whose first block is damaged
     * @param random chooses the sequence number of the log that follows a dropped one
     * @throws ArrayRefusedException if the log can't be interpreted; no member was written then
     */
    public Recovered recover(long tailSector, boolean readOnly, boolean dropUnreadable, RandomGenerator random)
            throws IOException {
        lease.require(new StripeRange(0, geometry.memberSectors()));
        ReplayIndex index = new ReplayIndex(geometry);
        ScanResult scan = new JournalScanner(log, checksum).scan(tailSector, counted(index), true);
        if (scan.malformed() != null) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED,
                    log.deviceName() + ": the journal's block at sector "
                            + scan.malformed().sector()
                            + " is valid, but of a kind that mdfuse does not know; mount it where it was written");
        }
        if (!scan.tailValid()) {
            if (!dropUnreadable) {
                throw new ArrayRefusedException(
                        Reason.CORRUPT,
                        log.deviceName() + ": the journal's first block, at sector " + tailSector
                                + ", is damaged, so its content is not known; --force drops the journal's content and"
                                + " makes all parity anew");
            }
            LogPosition fresh = new LogPosition(0, random.nextInt() & 0xffff_ffffL);
            return new Recovered(ReplayReport.nothing(), fresh, true);
        }
        ScannedBlock tornEnd = scan.tornEnd();
        LogPosition end = scan.end();
        if (tornEnd != null) {
            // A power failure interrupted its write, or it was damaged later; the two look alike. Its good pages count.
            index.visit(tornEnd);
            end = tornEnd.next();
        }
        if (readOnly) {
            ReplayReport report = replay(null, index, tornEnd);
            return new Recovered(report, end, false);
        }
        try (RecoveryLogWriter logWriter = new RecoveryLogWriter(log, checksum, tailSector, end)) {
            ReplayReport report = replay(logWriter, index, tornEnd);
            return new Recovered(report, logWriter.end().restartPosition(), false);
        }
    }

    private ReplayReport replay(
            @Nullable RecoveryLogWriter logWriter, ReplayIndex index, @Nullable ScannedBlock tornEnd)
            throws IOException {
        return new JournalReplay(geometry, members, log, logWriter, lease).replay(index, tornEnd != null, progress);
    }

    /** The same visitor; each block that it visits is progress. */
    private BlockVisitor counted(BlockVisitor visitor) {
        return new BlockVisitor() {
            private long sectors;

            @Override
            public void visit(ScannedBlock block) throws IOException {
                visitor.visit(block);
                sectors += log.distance(block.position().sector(), block.next().sector());
                progress.logRead(Sectors.toBytes(sectors));
            }

            @Override
            public void gap(ScannedGap gap) throws IOException {
                visitor.gap(gap);
            }
        };
    }
}

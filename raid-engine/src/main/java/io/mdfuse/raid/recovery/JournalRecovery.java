package io.mdfuse.raid.recovery;

import io.mdfuse.journal.JournalScanner;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.LogChecksum;
import io.mdfuse.journal.LogContinuation;
import io.mdfuse.journal.LogPosition;
import io.mdfuse.journal.ScanResult;
import io.mdfuse.journal.ScannedBlock;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * From the tail to an array that can be used: scan, replay, and the place where the new log may begin.
 *
 * <p>A log whose first block can't be read says nothing of what it holds. md drops such a log without a word; here it
 * is dropped only when the user says so, and then all parity is made anew, because stripes may have been half written.
 */
public final class JournalRecovery {
    /**
     * An array whose members have what the log held.
     *
     * @param report what was replayed
     * @param restart where the log goes on
     * @param logDropped true where the log could not be read and was given up
     */
    public record Recovered(ReplayReport report, LogPosition restart, boolean logDropped) {
        /** True where stripes may be half written that the log does not tell of. */
        public boolean parityInDoubt() {
            return logDropped || !report.gaps().isEmpty();
        }

        /** What the user should know, a line each; nothing where there was nothing to replay. */
        public List<String> inWords() {
            return logDropped
                    ? List.of("the journal could not be read and its content was dropped; all parity is made anew")
                    : report.inWords();
        }
    }

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final LogArea log;
    private final LogChecksum checksum;
    private final StripeLocks.Lease lease;

    /**
     * Prepares the recovery of one array.
     *
     * @param lease covers every stripe of the array
     */
    public JournalRecovery(
            ArrayGeometry geometry, MemberSet members, LogArea log, LogChecksum checksum, StripeLocks.Lease lease) {
        this.lease = lease;
        this.geometry = geometry;
        this.members = members;
        this.log = log;
        this.checksum = checksum;
    }

    /**
     * Replays the log to the members and flushes them. Behind the log's end is written what recovery decides, unless
     * the array is read-only; its tail is left as it is.
     *
     * @param tailSector where the superblock says that the log begins
     * @param readOnly whether the journal must not be written
     * @param dropUnreadable whether to give up a log whose first block is damaged
     * @throws ArrayRefusedException where the log can't be understood; no member was written then
     */
    public Recovered recover(long tailSector, boolean readOnly, boolean dropUnreadable, RandomGenerator random)
            throws IOException {
        lease.require(new StripeRange(0, geometry.memberSectors()));
        ReplayIndex index = new ReplayIndex(geometry);
        ScanResult scan = new JournalScanner(log, checksum).scan(tailSector, index, true);
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
                                + ", is damaged, so nobody knows what it holds; --force drops the journal's content and"
                                + " makes all parity anew");
            }
            LogPosition fresh = new LogPosition(0, random.nextInt() & 0xffff_ffffL);
            return new Recovered(ReplayReport.nothing(), fresh, true);
        }
        ScannedBlock tornEnd = scan.tornEnd();
        LogPosition end = scan.end();
        if (tornEnd != null) {
            // Cut short by a power failure, or damaged after it was committed: who can tell? What is good of it counts.
            index.visit(tornEnd);
            end = tornEnd.next();
        }
        if (readOnly) {
            ReplayReport report = new JournalReplay(geometry, members, log, null, lease).replay(index, tornEnd != null);
            return new Recovered(report, end, false);
        }
        try (LogContinuation continuation = new LogContinuation(log, checksum, tailSector, end)) {
            ReplayReport report =
                    new JournalReplay(geometry, members, log, continuation, lease).replay(index, tornEnd != null);
            return new Recovered(report, continuation.end().restart(), false);
        }
    }
}

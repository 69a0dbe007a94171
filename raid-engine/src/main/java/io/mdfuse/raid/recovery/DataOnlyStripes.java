package io.mdfuse.raid.recovery;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.RecoveryLogWriter;
import io.mdfuse.journal.StripeRun;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.BlockLostException;
import io.mdfuse.raid.stripe.ParityMaker;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeReader;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.ResyncOffset;
import io.mdfuse.raid.writepath.LostParity;
import io.mdfuse.raid.writepath.MemberWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Completes data-only stripes, which are stripes whose newest logged data no logged parity covers, in batches, as a
 * write-out does:
 *
 * <pre>
 *   pages read ──▶ parity made from members and pages ──▶ parity at the log's end, flushed ──▶ members written
 * </pre>
 *
 * After a crash before the parity is in the log, the members are as they were. After a later crash, the stripe is a
 * data-parity stripe: all its blocks are written again. A block of a member that is missing by then is solved from the
 * logged parity.
 *
 * <p>If a page is damaged, the block that replaces it is logged as well, so that the next recovery decides in the same
 * way.
 *
 * <p>A full log has no space for that parity. If every member is present, it is not needed: the parity is the sum of
 * all data, whichever of it has been written. If a member is missing, or a block of the stripe is listed as bad, there
 * is no safe way, and the recovery is refused.
 */
final class DataOnlyStripes implements AutoCloseable {
    private static final int BATCH_BYTES = 1 << 20;

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final LogArea log;
    private final @Nullable RecoveryLogWriter logWriter;
    private final StripeLocks.Lease lease;
    private final ParityMaker parityMaker;
    private final MemberWriter memberWriter;
    private final MergedRuns merged;
    private final LostParity lostParity;
    private final StripeReader stripeReader;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment work;
    private final List<RunWrite> batch = new ArrayList<>();
    private final List<StripeRun> records = new ArrayList<>();
    private @Nullable MemorySegment buffer;
    private long usedBytes;

    /**
     * @param logWriter the log's end, to which parity is written first; null if the journal must not be written
     *     (read-only)
     * @param lease covers every stripe of the array
     */
    DataOnlyStripes(
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
        this.stripeReader = new StripeReader(geometry, members, new SyncPosition(ResyncOffset.inSync()), 1);
        // Old parity is used only if a block can only be solved from it: a sum of all data is always correct.
        this.parityMaker = new ParityMaker(geometry, members, new SyncPosition(ResyncOffset.dirty()), stripeReader);
        this.memberWriter = new MemberWriter(geometry, members);
        this.merged = new MergedRuns(geometry, memberWriter, lease);
        this.lostParity = new LostParity(geometry, members);
        long stripeBytes = stripeBytes();
        this.work = arena.allocate(stripeBytes, Sectors.BLOCK_BYTES);
    }

    /** Has the members load what the parity of a stripe will be made from, long before {@link #complete} reads it. */
    void announce(long stripeSector, StripeReplay stripe) {
        List<@Nullable MemorySegment> data = new ArrayList<>();
        for (int index = 0; index < geometry.dataDisks(); index++) {
            data.add(stripe.uncovered().has(index) ? work : null);
        }
        parityMaker.announce(new RunWrite(geometry, stripeSector, 1, data));
    }

    private long bufferBytes() {
        return Math.max(stripeBytes(), BATCH_BYTES);
    }

    private long stripeBytes() {
        return (long) geometry.raidDisks() * Sectors.BLOCK_BYTES;
    }

    /**
     * Adds a stripe to the batch; the stripe is complete after {@link #finish}, or earlier.
     *
     * @param coveredToo true if the covered data could not be written before, so that its good pages are written too
     * @return the data indexes whose good page could not be kept; empty if all could
     */
    List<Integer> complete(long stripeSector, StripeReplay stripe, boolean coveredToo) throws IOException {
        if (usedBytes + stripeBytes() > bufferBytes()) {
            finish();
        }
        boolean hasReplacements = coveredToo;
        List<@Nullable MemorySegment> data = new ArrayList<>();
        for (int index = 0; index < geometry.dataDisks(); index++) {
            boolean damaged = stripe.uncovered().isDamaged(index)
                    || (coveredToo && stripe.covered().isDamaged(index));
            boolean logged = stripe.uncovered().has(index)
                    || (coveredToo && stripe.covered().has(index));
            hasReplacements |= damaged;
            data.add(logged ? newest(stripeSector, index, stripe) : null);
        }
        RunWrite run = new RunWrite(geometry, stripeSector, 1, data);
        boolean hasQ = geometry.layout().parityCount() == 2;
        try {
            parityMaker.make(lease, run, nextBlock(), hasQ ? nextBlock() : null, work);
        } catch (BlockLostException e) {
            if (!lostParity.isBeyondParity(run)) {
                throw e;
            }
            return completeWithoutParity(run);
        }
        batch.add(run);
        records.add(hasReplacements ? run.dataAndParity() : run.parityOnly());
        return List.of();
    }

    /**
     * Completes a stripe in which more blocks are listed as bad or missing than parity can solve, for example because a
     * power failure interrupted the write that would have replaced them. Each page is written to its member, as by a
     * write without a journal; a page whose member is missing is lost.
     */
    private List<Integer> completeWithoutParity(RunWrite run) throws IOException {
        List<@Nullable MemorySegment> kept = new ArrayList<>();
        List<Integer> dropped = new ArrayList<>();
        for (int index = 0; index < geometry.dataDisks(); index++) {
            boolean keeps = lostParity.keepsData(run, index);
            kept.add(keeps ? run.newData(index) : null);
            if (run.newData(index) != null && !keeps) {
                dropped.add(index);
            }
        }
        RunWrite lossy = new RunWrite(geometry, run.stripeSector(), run.stripeCount(), kept);
        if (lossy.writtenSlots() > 0) {
            lossy.noteParityLost();
            lostParity.list(lease, List.of(lossy));
            memberWriter.write(lease, List.of(lossy));
            lostParity.requireDataKept(List.of(lossy));
        }
        return dropped;
    }

    /** The newest good page of a slot, else the block on its member; null if there is neither. */
    private @Nullable MemorySegment newest(long stripeSector, int index, StripeReplay stripe) throws IOException {
        long page = stripe.newestPage(index);
        int slot = geometry.dataSlot(geometry.rowOfStripe(stripeSector), index);
        if (page == StripeReplay.NONE && members.isLost(slot, stripeSector, stripeSector + Sectors.PER_BLOCK)) {
            return null;
        }
        MemorySegment block = nextBlock();
        if (page != StripeReplay.NONE) {
            log.readBlocks(page, block);
        } else {
            stripeReader.read(lease, slot, Sectors.toBytes(stripeSector), block);
        }
        return block;
    }

    private MemorySegment nextBlock() {
        buffer = buffer == null ? arena.allocate(bufferBytes(), Sectors.BLOCK_BYTES) : buffer;
        MemorySegment block = buffer.asSlice(usedBytes, Sectors.BLOCK_BYTES);
        usedBytes += Sectors.BLOCK_BYTES;
        return block;
    }

    /** Completes the stripes of the batch: parity to the log, then members. */
    void finish() throws IOException {
        if (batch.isEmpty()) {
            return;
        }
        if (logWriter != null && logWriter.hasSpaceFor(records)) {
            logWriter.append(records);
        } else if (logWriter != null
                && (members.degraded() > 0 || batch.stream().anyMatch(this::hasLostBlock))) {
            throw new ArrayRefusedException(
                    Reason.UNSAFE,
                    log.deviceName()
                            + ": the journal is too full to be replayed safely while a member is missing or has bad"
                            + " blocks there; give the missing member, or look at the array with --read-only");
        }
        for (RunWrite run : batch) {
            merged.add(run);
        }
        merged.finish();
        batch.clear();
        records.clear();
        usedBytes = 0;
    }

    private boolean hasLostBlock(RunWrite run) {
        for (int slot = 0; slot < members.size(); slot++) {
            if (members.isLost(slot, run.stripeSector(), run.endStripeSector())) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        stripeReader.close();
        merged.close();
        arena.close();
    }
}

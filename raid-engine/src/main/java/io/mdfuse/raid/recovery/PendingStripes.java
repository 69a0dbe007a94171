package io.mdfuse.raid.recovery;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.LogArea;
import io.mdfuse.journal.LogContinuation;
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
 * Completes stripes whose parity has to be made, a batch at a time, as a write-out does:
 *
 * <pre>
 *   pages read ──▶ parity made from members and pages ──▶ parity at the log's end, flushed ──▶ members written
 * </pre>
 *
 * A crash before the log has the parity finds the members as they were. After it, the stripe is settled: whatever
 * reached the members is written again, also where a member is gone by then, which only the parity can make good.
 *
 * <p>Where a page is damaged, the block that stands in for it is logged as well, so that the next recovery decides
 * alike.
 *
 * <p>A log that is full to the brim has no room for that. With every member there it is not needed: parity is then the
 * sum of all data, whatever state it is in. With one missing, or a block of the stripe listed as bad, there is no safe
 * way, and the recovery is refused.
 */
final class PendingStripes implements AutoCloseable {
    private static final int BATCH_BYTES = 1 << 20;

    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final LogArea log;
    private final @Nullable LogContinuation continuation;
    private final StripeLocks.Lease lease;
    private final ParityMaker parityMaker;
    private final MemberWriter memberWriter;
    private final LostParity lostParity;
    private final StripeReader stripeReader;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment work;
    private final List<RunWrite> batch = new ArrayList<>();
    private final List<StripeRun> records = new ArrayList<>();
    private @Nullable MemorySegment buffer;
    private long usedBytes;

    /**
     * @param continuation where what is decided goes first; null where nothing may be written to the journal
     * (read-only)
     * @param lease covers every stripe of the array
     */
    PendingStripes(
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
        this.stripeReader = new StripeReader(geometry, members, new SyncPosition(ResyncOffset.inSync()), 1);
        // Old parity is used only where there is no other way: a sum of all data is right in any case.
        this.parityMaker = new ParityMaker(geometry, members, new SyncPosition(ResyncOffset.dirty()), stripeReader);
        this.memberWriter = new MemberWriter(geometry, members);
        this.lostParity = new LostParity(geometry, members);
        long stripeBytes = stripeBytes();
        this.work = arena.allocate(stripeBytes, Sectors.BLOCK_BYTES);
    }

    private long bufferBytes() {
        return Math.max(stripeBytes(), BATCH_BYTES);
    }

    private long stripeBytes() {
        return (long) geometry.raidDisks() * Sectors.BLOCK_BYTES;
    }

    /**
     * Completes a stripe, at the latest with {@link #finish}.
     *
     * @param settledToo the settled data could not be written before: its good pages are part of this
     * @return the data slots, by index, whose good page could not be kept; empty if all could
     */
    List<Integer> complete(long stripeSector, StripeReplay stripe, boolean settledToo) throws IOException {
        if (usedBytes + stripeBytes() > bufferBytes()) {
            finish();
        }
        boolean standIns = settledToo;
        List<@Nullable MemorySegment> data = new ArrayList<>();
        for (int index = 0; index < geometry.dataDisks(); index++) {
            boolean damaged = stripe.pending().isDamaged(index)
                    || (settledToo && stripe.settled().isDamaged(index));
            boolean held = stripe.pending().holds(index)
                    || (settledToo && stripe.settled().holds(index));
            standIns |= damaged;
            data.add(held ? newest(stripeSector, index, stripe) : null);
        }
        RunWrite run = new RunWrite(geometry, stripeSector, 1, data);
        boolean hasQ = geometry.layout().parityCount() == 2;
        try {
            parityMaker.make(lease, run, take(), hasQ ? take() : null, work);
        } catch (BlockLostException e) {
            if (!lostParity.isBeyondParity(run)) {
                throw e;
            }
            return completeWithoutParity(run);
        }
        batch.add(run);
        records.add(standIns ? run.dataAndParity() : run.parityOnly());
        return List.of();
    }

    /**
     * More of the stripe is listed as bad, or missing, than parity makes good, as where power tore the write that
     * should have made it whole. Each page goes to its member, as a write without a journal does it; a page whose
     * member is missing has no place.
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

    /** The newest good page of a slot, or what its member holds; null where neither can be had. */
    private @Nullable MemorySegment newest(long stripeSector, int index, StripeReplay stripe) throws IOException {
        long page = stripe.newestPage(index);
        int slot = geometry.dataSlot(geometry.rowOfStripe(stripeSector), index);
        if (page == StripeReplay.NONE && members.isLost(slot, stripeSector, stripeSector + Sectors.PER_BLOCK)) {
            return null;
        }
        MemorySegment block = take();
        if (page != StripeReplay.NONE) {
            log.readPage(page, block);
        } else {
            stripeReader.read(lease, slot, Sectors.toBytes(stripeSector), block);
        }
        return block;
    }

    private MemorySegment take() {
        buffer = buffer == null ? arena.allocate(bufferBytes(), Sectors.BLOCK_BYTES) : buffer;
        MemorySegment block = buffer.asSlice(usedBytes, Sectors.BLOCK_BYTES);
        usedBytes += Sectors.BLOCK_BYTES;
        return block;
    }

    /** Writes what has been gathered. */
    void finish() throws IOException {
        if (batch.isEmpty()) {
            return;
        }
        if (continuation != null && continuation.hasRoomFor(records)) {
            continuation.append(records);
        } else if (continuation != null
                && (members.degraded() > 0 || batch.stream().anyMatch(this::hasLostBlock))) {
            throw new ArrayRefusedException(
                    Reason.UNSAFE,
                    log.deviceName()
                            + ": the journal is too full to be replayed safely while a member is missing or has bad"
                            + " blocks there; give the missing member, or look at the array with --read-only");
        }
        memberWriter.write(lease, batch);
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
        arena.close();
    }
}

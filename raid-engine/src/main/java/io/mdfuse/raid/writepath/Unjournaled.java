package io.mdfuse.raid.writepath;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;

/**
 * md's policies "resync", "bitmap" and "ppl": the array is marked dirty, the {@link WriteIntent} is recorded, then data
 * and parity go to the members in any order.
 *
 * <p>A crash: 1 mark and intent are on disk. 2 some of the members' writes are on disk, some are not. 3 the next mount
 * finds the mark and makes parity anew from the data, everywhere or in the stripes of the intent. Each written block is
 * old or new, as on a plain disk; no other block changes, unless a member is lost before the resync is complete (the
 * write hole, which a journal closes).
 */
public final class Unjournaled implements WritePath {
    private final MemberSet members;
    private final MemberWriter memberWriter;
    private final DirtyMarker dirtyMarker;
    private final WriteIntent intent;
    private final LostParity lostParity;

    public Unjournaled(ArrayGeometry geometry, MemberSet members, DirtyMarker dirtyMarker, WriteIntent intent) {
        this.members = members;
        this.memberWriter = new MemberWriter(geometry, members);
        this.dirtyMarker = dirtyMarker;
        this.intent = intent;
        this.lostParity = new LostParity(geometry, members);
    }

    @Override
    public Admission admit(List<RunWrite> runs) {
        return () -> {};
    }

    @Override
    public void commit(StripeLocks.Lease lease, List<RunWrite> runs, ParityWork parityWork) throws IOException {
        memberWriter.reserve(lease, runs);
        List<RunWrite> parts = lostParity.splitByLoss(runs);
        for (RunWrite run : parts) {
            lostParity.makeOrMarkLost(lease, run, parityWork);
        }
        lostParity.list(lease, parts.stream().filter(RunWrite::parityIsLost).toList());
        dirtyMarker.begin();
        try {
            writeRecorded(lease, parts);
        } finally {
            dirtyMarker.end();
        }
        lostParity.requireDataKept(parts);
        // Again, so that a write that waits for space in spite of the reservation is not acknowledged.
        memberWriter.reserve(lease, runs);
    }

    private void writeRecorded(StripeLocks.Lease lease, List<RunWrite> runs) throws IOException {
        boolean written = false;
        intent.begin(lease, runs);
        try {
            memberWriter.write(lease, runs);
            written = true;
        } finally {
            intent.end(runs, written);
        }
    }

    /**
     * Does not mark the array dirty. A repair changes a single block, so a crash leaves nothing that needs a resync;
     * but a resync would make parity match all wrong blocks, and so destroy the evidence that is needed to repair them.
     */
    @Override
    public void repair(StripeLocks.Lease lease, RunWrite run, BitSet slots) throws IOException {
        memberWriter.reserve(lease, List.of(run));
        memberWriter.write(lease, run, slots);
    }

    @Override
    public void flush() throws IOException {
        members.flush();
    }

    @Override
    public void beginTrim(StripeRange stripes) throws IOException {
        dirtyMarker.begin();
        try {
            intent.beginTrim(stripes);
        } catch (IOException | RuntimeException e) {
            dirtyMarker.end();
            throw e;
        }
    }

    @Override
    public void discarded(StripeRange stripes) {
        intent.discarded(stripes);
    }

    @Override
    public void endTrim(StripeRange stripes, boolean trimmed) throws IOException {
        try {
            intent.endTrim(stripes, trimmed);
        } finally {
            dirtyMarker.end();
        }
    }
}

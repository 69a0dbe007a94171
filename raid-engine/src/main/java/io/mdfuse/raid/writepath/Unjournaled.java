package io.mdfuse.raid.writepath;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RunWrite;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;

/**
 * md's policies "resync", "bitmap" and "ppl": the array is marked dirty, the {@link WriteIntent} is recorded, then data
 * and parity go to the members in any order.
 *
 * <p>A crash: 1 mark and intent are on disk. 2 some of the members' writes are, some are not. 3 the next mount sees the
 * mark and makes parity anew from the data, everywhere or where the intent says so. Each written block is old or
 * new, as it is on a plain disk; no other block changes, unless a member is lost before the resync is through (the
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
    public void commit(List<RunWrite> runs, ParityWork parityWork) throws IOException {
        memberWriter.reserve(runs);
        List<RunWrite> parts = lostParity.apart(runs);
        for (RunWrite run : parts) {
            lostParity.makeOrGiveUp(run, parityWork);
        }
        lostParity.list(parts.stream().filter(RunWrite::parityIsLost).toList());
        dirtyMarker.begin();
        try {
            writeRecorded(parts);
        } finally {
            dirtyMarker.end();
        }
        lostParity.requireKept(parts);
        // Asked again: what waits for room in spite of that is not answered as written.
        memberWriter.reserve(runs);
    }

    private void writeRecorded(List<RunWrite> runs) throws IOException {
        boolean written = false;
        intent.begin(runs);
        try {
            memberWriter.write(runs);
            written = true;
        } finally {
            intent.end(runs, written);
        }
    }

    /**
     * The array is not marked dirty for it. A repair changes a single block, so a crash leaves nothing that a resync
     * would have to put right; but a resync would make parity fit all blocks that lie, and so bury what repairs them.
     */
    @Override
    public void repair(RunWrite run, BitSet slots) throws IOException {
        memberWriter.reserve(List.of(run));
        memberWriter.write(run, slots);
    }

    @Override
    public void flush() throws IOException {
        members.flush();
    }

    @Override
    public void beginTrim(long fromStripeSector, long endStripeSector) throws IOException {
        dirtyMarker.begin();
        try {
            intent.beginTrim(fromStripeSector, endStripeSector);
        } catch (IOException | RuntimeException e) {
            dirtyMarker.end();
            throw e;
        }
    }

    @Override
    public void endTrim(long fromStripeSector, long endStripeSector, boolean trimmed) throws IOException {
        try {
            intent.endTrim(fromStripeSector, endStripeSector, trimmed);
        } finally {
            dirtyMarker.end();
        }
    }
}

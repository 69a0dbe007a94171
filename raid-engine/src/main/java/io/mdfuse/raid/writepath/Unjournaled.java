package io.mdfuse.raid.writepath;

import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.RunWrite;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;

/**
 * md's policy "resync": the array is marked dirty, then data and parity go to the members in any order.
 *
 * <p>A crash: 1 the mark is on disk. 2 some of the members' writes are, some are not. 3 the next mount sees the mark
 * and makes all parity anew from the data. Each written block is old or new, as it is on a plain disk; no other block
 * changes, unless a member is lost before the resync is through (the write hole, which only a journal closes).
 */
public final class Unjournaled implements WritePath {
    private final MemberSet members;
    private final MemberWriter memberWriter;
    private final DirtyMarker dirtyMarker;

    public Unjournaled(ArrayGeometry geometry, MemberSet members, DirtyMarker dirtyMarker) {
        this.members = members;
        this.memberWriter = new MemberWriter(geometry, members);
        this.dirtyMarker = dirtyMarker;
    }

    @Override
    public Admission admit(int stripes, int blocks) {
        return () -> {};
    }

    @Override
    public void commit(List<RunWrite> runs, ParityWork parityWork) throws IOException {
        for (RunWrite run : runs) {
            parityWork.make(run);
        }
        dirtyMarker.begin();
        try {
            memberWriter.write(runs);
        } finally {
            dirtyMarker.end();
        }
    }

    /**
     * The array is not marked dirty for it. A repair changes a single block, so a crash leaves nothing that a resync would
     * have to put right; but a resync would make parity fit all blocks that lie, and so bury what repairs them.
     */
    @Override
    public void repair(RunWrite run, BitSet slots) throws IOException {
        memberWriter.write(run, slots);
    }

    @Override
    public void flush() throws IOException {
        members.flush();
    }

    @Override
    public void beginTrim() throws IOException {
        dirtyMarker.begin();
    }

    @Override
    public void endTrim() {
        dirtyMarker.end();
    }
}

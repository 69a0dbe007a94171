package io.mdfuse.raid.recovery;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.journal.LogArea;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.parity.XorParity;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Does with one stripe what its {@link ReplayCase} says: first every block that will be written is brought to
 * memory, then all are written.
 */
final class StripeReplayer implements AutoCloseable {
    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final LogArea log;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment blocks;

    StripeReplayer(ArrayGeometry geometry, MemberSet members, LogArea log) {
        this.geometry = geometry;
        this.members = members;
        this.log = log;
        this.blocks = arena.allocate((long) Sectors.BLOCK_BYTES * (geometry.dataDisks() + 1), Sectors.BLOCK_BYTES);
    }

    /** Replays one stripe and returns the data indexes whose logged block is lost. */
    List<Integer> replay(long stripeSector, StripeReplay stripe) throws IOException {
        ReplayCase replayCase = stripe.replayCase();
        if (replayCase == ReplayCase.NOTHING) {
            return List.of();
        }
        List<Integer> lost = new ArrayList<>();
        boolean[] write = new boolean[geometry.dataDisks()];
        for (int index = 0; index < geometry.dataDisks(); index++) {
            long page = stripe.newestPage(index);
            boolean damaged = stripe.newestIsDamaged(index);
            write[index] = page != StripeReplay.NONE || (damaged && replayCase == ReplayCase.SOLVE_PAGE);
            if (page != StripeReplay.NONE) {
                log.readPage(page, block(index));
            }
            if (damaged && replayCase == ReplayCase.LOSE_PAGES) {
                lost.add(index);
            }
        }
        switch (replayCase) {
            case AS_LOGGED -> log.readPage(stripe.parityPage(), parityBlock());
            case SOLVE_PAGE -> {
                log.readPage(stripe.parityPage(), parityBlock());
                solve(stripeSector, stripe);
            }
            case MAKE_PARITY, LOSE_PAGES -> makeParity(stripeSector, write);
            case NOTHING -> throw new IllegalStateException("nothing to replay at stripe " + stripeSector);
        }
        writeAll(stripeSector, write);
        return lost;
    }

    private void solve(long stripeSector, StripeReplay stripe) throws IOException {
        List<MemorySegment> others = new ArrayList<>();
        others.add(parityBlock());
        int damaged = -1;
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if (stripe.newestIsDamaged(index)) {
                damaged = index;
            } else {
                if (stripe.newestPage(index) == StripeReplay.NONE) {
                    readMember(stripeSector, index);
                }
                others.add(block(index));
            }
        }
        XorParity.sum(block(damaged), others);
    }

    private void makeParity(long stripeSector, boolean[] write) throws IOException {
        List<MemorySegment> data = new ArrayList<>();
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if (!write[index]) {
                readMember(stripeSector, index);
            }
            data.add(block(index));
        }
        XorParity.sum(parityBlock(), data);
    }

    private void readMember(long stripeSector, int dataIndex) throws IOException {
        int slot = geometry.dataSlot(geometry.rowOfStripe(stripeSector), dataIndex);
        Member member = members.inSync(slot);
        if (member == null) {
            throw new IOException("the journal's stripe at member sector " + stripeSector
                    + " can't be completed without the member of slot " + slot);
        }
        member.read(Sectors.toBytes(stripeSector), block(dataIndex));
    }

    private void writeAll(long stripeSector, boolean[] write) throws IOException {
        long row = geometry.rowOfStripe(stripeSector);
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if (write[index]) {
                writeMember(geometry.dataSlot(row, index), stripeSector, block(index));
            }
        }
        writeMember(geometry.parityP(row), stripeSector, parityBlock());
    }

    private void writeMember(int slot, long stripeSector, MemorySegment block) throws IOException {
        Member member = members.inSync(slot);
        if (member == null) {
            return;
        }
        try {
            member.write(Sectors.toBytes(stripeSector), block);
        } catch (DeviceException e) {
            members.failed(member, e);
        }
    }

    private MemorySegment block(int dataIndex) {
        return blocks.asSlice((long) dataIndex * Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);
    }

    private MemorySegment parityBlock() {
        return block(geometry.dataDisks());
    }

    @Override
    public void close() {
        arena.close();
    }
}

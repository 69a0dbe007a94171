package io.mdfuse.raid.recovery;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.journal.LogArea;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.parity.DualParity;
import io.mdfuse.raid.parity.XorParity;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Does with one stripe what its {@link ReplayCase} says: first every block that will be written is brought to
 * memory, then all are written.
 */
final class StripeReplayer implements AutoCloseable {
    private final ArrayGeometry geometry;
    private final MemberSet members;
    private final LogArea log;
    private final boolean hasQ;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment blocks;

    StripeReplayer(ArrayGeometry geometry, MemberSet members, LogArea log) {
        this.geometry = geometry;
        this.members = members;
        this.log = log;
        this.hasQ = geometry.layout().parityCount() == 2;
        this.blocks = arena.allocate((long) Sectors.BLOCK_BYTES * (geometry.dataDisks() + 3), Sectors.BLOCK_BYTES);
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
            case AS_LOGGED -> {
                log.readPage(stripe.pPage(), p());
                if (hasQ) {
                    log.readPage(stripe.qPage(), q());
                }
            }
            case SOLVE_PAGE -> {
                solve(stripeSector, stripe);
                sumAll(stripeSector);
            }
            case MAKE_PARITY, LOSE_PAGES -> makeParity(stripeSector, write);
            case NOTHING -> throw new IllegalStateException("nothing to replay at stripe " + stripeSector);
        }
        writeAll(stripeSector, write);
        return lost;
    }

    /** Brings every data block of the stripe to memory, the damaged ones solved. */
    private void solve(long stripeSector, StripeReplay stripe) throws IOException {
        List<MemorySegment> others = new ArrayList<>();
        List<Integer> damaged = new ArrayList<>();
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if (stripe.newestIsDamaged(index)) {
                damaged.add(index);
                continue;
            }
            if (stripe.newestPage(index) == StripeReplay.NONE) {
                readMember(stripeSector, index);
            }
            others.add(block(index));
        }
        if (damaged.size() == 1 && stripe.pIntact()) {
            log.readPage(stripe.pPage(), p());
            others.add(p());
            XorParity.sum(block(damaged.getFirst()), others);
        } else {
            solveWithQ(geometry.rowOfStripe(stripeSector), stripe, damaged);
        }
    }

    private void solveWithQ(long row, StripeReplay stripe, List<Integer> damaged) throws IOException {
        DualParity.sum(p(), q(), byExponent(row, damaged));
        int first = geometry.exponent(row, damaged.getFirst());
        addPage(q(), stripe.qPage());
        if (damaged.size() == 1) {
            DualParity.solveFromQ(q(), first);
            block(damaged.getFirst()).copyFrom(q());
        } else {
            addPage(p(), stripe.pPage());
            DualParity.solveTwo(p(), q(), first, geometry.exponent(row, damaged.getLast()));
            block(damaged.getFirst()).copyFrom(p());
            block(damaged.getLast()).copyFrom(q());
        }
    }

    private void addPage(MemorySegment sum, long pageSector) throws IOException {
        MemorySegment page = block(geometry.dataDisks() + 2);
        log.readPage(pageSector, page);
        XorParity.add(sum, page);
    }

    private void makeParity(long stripeSector, boolean[] write) throws IOException {
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if (!write[index]) {
                readMember(stripeSector, index);
            }
        }
        sumAll(stripeSector);
    }

    private void sumAll(long stripeSector) {
        if (hasQ) {
            DualParity.sum(p(), q(), byExponent(geometry.rowOfStripe(stripeSector), List.of()));
        } else {
            XorParity.sum(
                    p(),
                    IntStream.range(0, geometry.dataDisks())
                            .mapToObj(this::block)
                            .toList());
        }
    }

    private List<@Nullable MemorySegment> byExponent(long row, List<Integer> without) {
        @Nullable MemorySegment[] blocksByExponent = new MemorySegment[geometry.exponents()];
        for (int index = 0; index < geometry.dataDisks(); index++) {
            blocksByExponent[geometry.exponent(row, index)] = without.contains(index) ? null : block(index);
        }
        return Arrays.asList(blocksByExponent);
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
        writeMember(geometry.parityP(row), stripeSector, p());
        if (hasQ) {
            writeMember(geometry.parityQ(row), stripeSector, q());
        }
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

    private MemorySegment p() {
        return block(geometry.dataDisks());
    }

    private MemorySegment q() {
        return block(geometry.dataDisks() + 1);
    }

    @Override
    public void close() {
        arena.close();
    }
}

package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.stripe.CertainSolver;
import io.mdfuse.raid.stripe.CertainSolver.Outcome;
import io.mdfuse.raid.stripe.StripeLocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;

/**
 * Fills the holes of one member after the other. A piece is at most a chunk; one that can't be solved as a whole is
 * halved, down to a sector. The image is flushed and its map replaced after {@link #FLUSH_BYTES} or {@link
 * #FLUSH_NANOS}, whichever comes first, and at the end: that much is done again after a crash.
 *
 * <p>Every piece is solved from what was rescued, never from what was healed before, because the members still list
 * their holes as bad. One thread runs it, under one lease over all stripes.
 */
final class HoleHealer {
    private static final int LARGEST_PIECE = 1 << 20;
    private static final long FLUSH_BYTES = 256 << 20;
    private static final long FLUSH_NANOS = 10_000_000_000L;

    private final HealableArray array;
    private final CertainSolver solver;
    private final HealProgress progress;
    private final int pieceBytes;
    private long doneBytes;
    private long lostBytes;

    HoleHealer(HealableArray array, HealProgress progress) {
        this.array = array;
        this.progress = progress;
        ArrayGeometry geometry = array.geometry();
        this.solver = new CertainSolver(geometry, array.members(), array.syncPosition());
        this.pieceBytes = Math.min(geometry.chunkBytes(), LARGEST_PIECE);
    }

    /** What became of the holes of one member, in bytes. */
    static final class Tally {
        private final Map<Outcome, Long> bytes = new EnumMap<>(Outcome.class);

        private void add(Outcome outcome, long more) {
            bytes.merge(outcome, more, Long::sum);
        }

        long of(Outcome outcome) {
            return bytes.getOrDefault(outcome, 0L);
        }
    }

    /** The state of a pass over one member. */
    private final class Pass {
        private final int slot;
        private final BlockDevice image;
        private final long dataOffsetBytes;
        private final StripeLocks.Lease lease;
        private final MemorySegment piece;
        private final MemorySegment work;
        private final Tally tally = new Tally();
        private long unflushedBytes;
        private long flushedNanos = System.nanoTime();

        Pass(int slot, BlockDevice image, long dataOffsetBytes, StripeLocks.Lease lease, Arena arena) {
            this.slot = slot;
            this.image = image;
            this.dataOffsetBytes = dataOffsetBytes;
            this.lease = lease;
            this.piece = arena.allocate(pieceBytes, Sectors.BLOCK_BYTES);
            this.work =
                    arena.allocate((long) pieceBytes * CertainSolver.workFactor(array.geometry()), Sectors.BLOCK_BYTES);
        }

        void fill(ByteRanges holes) throws DeviceException {
            for (ByteRanges.Range hole : holes.list()) {
                for (long at = hole.startBytes(); at < hole.endBytes(); ) {
                    long end = Math.min(hole.endBytes(), Sectors.roundDown(at, pieceBytes) + pieceBytes);
                    fill(at, end);
                    at = end;
                    progress.at(doneBytes, lostBytes);
                }
            }
            image.flush();
        }

        private void fill(long start, long end) throws DeviceException {
            MemorySegment target = piece.asSlice(0, end - start);
            Outcome outcome = solver.solve(lease, slot, start, target, work);
            if (outcome == Outcome.SOLVED) {
                image.write(dataOffsetBytes + start, target);
                count(outcome, target.byteSize());
                flushAtTimes(target.byteSize());
                return;
            }
            long middle = Sectors.roundDown((start + end) / 2, Sectors.BYTES);
            if (outcome == Outcome.LOST || middle <= start) {
                count(outcome, end - start);
                return;
            }
            fill(start, middle);
            fill(middle, end);
        }

        private void count(Outcome outcome, long bytes) {
            tally.add(outcome == Outcome.LOST_IN_PART ? Outcome.LOST : outcome, bytes);
            doneBytes += bytes;
            lostBytes += outcome == Outcome.SOLVED ? 0 : bytes;
        }

        private void flushAtTimes(long writtenBytes) throws DeviceException {
            unflushedBytes += writtenBytes;
            long now = System.nanoTime();
            if (unflushedBytes >= FLUSH_BYTES || now - flushedNanos > FLUSH_NANOS) {
                image.flush();
                unflushedBytes = 0;
                flushedNanos = System.nanoTime();
            }
        }
    }

    /**
     * Fills the holes in what the array stores on a member.
     *
     * @param image the member's device, whose holes can be written
     * @throws DeviceException if the image or its map can't be written; what is on record stays healed
     */
    Tally fill(int slot, BlockDevice image, long dataOffsetBytes, ByteRanges holes) throws DeviceException {
        try (StripeLocks.Lease lease = array.locks().lockAll();
                Arena arena = Arena.ofConfined()) {
            Pass pass = new Pass(slot, image, dataOffsetBytes, lease, arena);
            pass.fill(holes);
            return pass.tally;
        }
    }
}

package io.mdfuse.raid.recovery;

import io.mdfuse.device.Sectors;
import io.mdfuse.device.UntouchedMemory;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.writepath.MemberWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes runs of one stripe each to the members, and merges those of consecutive stripes before: a replay visits stripe
 * after stripe, and a write of 4 KiB for each block would cost more time than the bytes do.
 *
 * <p>Only stripes of one chunk row are merged that write the same slots. Blocks are copied, so the caller may reuse a
 * run's memory after {@link #add}. What was added may be on the members before {@link #finish}, and is after it.
 */
final class MergedRuns implements AutoCloseable {
    private static final int MOST_STRIPES = 16;

    private final ArrayGeometry geometry;
    private final MemberWriter writer;
    private final StripeLocks.Lease lease;
    private final Arena arena = Arena.ofConfined();
    private final int mostStripes;
    private final MemorySegment blocks;
    private @Nullable RunWrite first;
    private int count;

    /** @param lease covers every stripe that is added */
    MergedRuns(ArrayGeometry geometry, MemberWriter writer, StripeLocks.Lease lease) {
        this.geometry = geometry;
        this.writer = writer;
        this.lease = lease;
        this.mostStripes = (int) Math.min(MOST_STRIPES, geometry.memberSectors() / Sectors.PER_BLOCK);
        this.blocks = UntouchedMemory.allocate(arena, geometry.raidDisks() * slotBytes());
    }

    private long slotBytes() {
        return (long) mostStripes * Sectors.BLOCK_BYTES;
    }

    /** Adds a run of one stripe that has its parity. */
    void add(RunWrite run) throws IOException {
        if (!continues(run)) {
            finish();
            first = run;
        }
        for (int index = 0; index < geometry.dataDisks(); index++) {
            keep(index, run.newData(index));
        }
        keep(geometry.dataDisks(), run.p());
        keep(geometry.dataDisks() + 1, run.q());
        count++;
    }

    private boolean continues(RunWrite run) {
        RunWrite begun = first;
        if (begun == null
                || count == mostStripes
                || run.row() != begun.row()
                || run.stripeSector() != begun.stripeSector() + (long) count * Sectors.PER_BLOCK) {
            return false;
        }
        for (int index = 0; index < geometry.dataDisks(); index++) {
            if ((run.newData(index) == null) != (begun.newData(index) == null)) {
                return false;
            }
        }
        return true;
    }

    private void keep(int place, @Nullable MemorySegment block) {
        if (block != null) {
            long offset = place * slotBytes() + (long) count * Sectors.BLOCK_BYTES;
            MemorySegment.copy(block, 0, blocks, offset, Sectors.BLOCK_BYTES);
        }
    }

    /** Writes all that was added; call it before a member is read that must have it. */
    void finish() throws IOException {
        RunWrite begun = first;
        if (begun == null) {
            return;
        }
        List<@Nullable MemorySegment> data = new ArrayList<>();
        for (int index = 0; index < geometry.dataDisks(); index++) {
            data.add(begun.newData(index) == null ? null : kept(index));
        }
        RunWrite merged = new RunWrite(geometry, begun.stripeSector(), count, data);
        merged.setParity(kept(geometry.dataDisks()), begun.q() == null ? null : kept(geometry.dataDisks() + 1));
        first = null;
        count = 0;
        writer.write(lease, List.of(merged));
    }

    private MemorySegment kept(int place) {
        return blocks.asSlice(place * slotBytes(), (long) count * Sectors.BLOCK_BYTES);
    }

    @Override
    public void close() {
        arena.close();
    }
}

package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.DataColumn;
import io.mdfuse.journal.StripeRun;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.MemberSet;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * New blocks for consecutive stripes of one chunk row, in the same data slots of each stripe, and their parity once it
 * is made. The unit in which the engine computes, logs and writes.
 */
public final class RunWrite {
    private final ArrayGeometry geometry;
    private final StripeRange stripes;
    private final @Nullable MemorySegment[] newData;
    private @Nullable MemorySegment p;
    private @Nullable MemorySegment q;
    private boolean sumOfAllData;
    private boolean parityLost;
    private boolean exclusive;
    private boolean announced;

    /**
     * Creates a run without parity.
     *
     * @param stripeSector member sector of the first stripe
     * @param newData by data index, one block for each stripe; null if the slot is not written
     */
    public RunWrite(
            ArrayGeometry geometry,
            long stripeSector,
            int stripeCount,
            List<? extends @Nullable MemorySegment> newData) {
        this.geometry = geometry;
        this.stripes = new StripeRange(stripeSector, stripeSector + (long) stripeCount * Sectors.PER_BLOCK);
        this.newData = newData.toArray(new MemorySegment[0]);
    }

    /** The chunk row. */
    public long row() {
        return geometry.rowOfStripe(stripeSector());
    }

    /** Its stripes. */
    public StripeRange stripes() {
        return stripes;
    }

    /** Member sector of the first stripe. */
    public long stripeSector() {
        return stripes.fromSector();
    }

    /** Member sector behind the last stripe. */
    public long endStripeSector() {
        return stripes.endSector();
    }

    /** The run's position on every member, in bytes from the start of its data. */
    public long memberOffsetBytes() {
        return stripes.memberOffsetBytes();
    }

    /** Bytes of each member that the run covers. */
    public long bytesPerSlot() {
        return stripes.bytesPerSlot();
    }

    /** The new blocks of a data index; null if it is not written. */
    public @Nullable MemorySegment newData(int dataIndex) {
        return newData[dataIndex];
    }

    /** How many stripes. */
    public int stripeCount() {
        return (int) stripes.stripeCount();
    }

    /** How many data slots are written. */
    public int writtenSlots() {
        int count = 0;
        for (MemorySegment segment : newData) {
            count += segment == null ? 0 : 1;
        }
        return count;
    }

    /** Whether any thread may read the run's data and parity: memory of a confined arena is for its own thread only. */
    public boolean isForAllThreads() {
        for (MemorySegment blocks : newData) {
            if (!isForAllThreads(blocks)) {
                return false;
            }
        }
        return isForAllThreads(p) && isForAllThreads(q);
    }

    private static boolean isForAllThreads(@Nullable MemorySegment blocks) {
        return blocks == null || MemberSet.isForAllThreads(blocks);
    }

    /** Sets the run's parity; Q is null if the level has none. */
    public void setParity(MemorySegment newP, @Nullable MemorySegment newQ) {
        p = newP;
        q = newQ;
    }

    /** No parity can be made for the run: its parity blocks are listed as bad, and not written. */
    public void noteParityLost() {
        parityLost = true;
    }

    /** True if the run's parity is not written. */
    public boolean parityIsLost() {
        return parityLost;
    }

    /** The run's request was admitted exclusively, with an empty log and cache. */
    public void noteExclusive() {
        exclusive = true;
    }

    /** True if the run's request was admitted exclusively, with an empty log and cache. */
    public boolean isExclusive() {
        return exclusive;
    }

    /** The blocks that are read to make its parity are being loaded. */
    void noteAnnounced() {
        announced = true;
    }

    /** True if {@link #noteAnnounced} was called. */
    boolean isAnnounced() {
        return announced;
    }

    /** The run's parity is the sum of all data blocks of its stripes, and does not depend on the old parity. */
    void noteSumOfAllData() {
        sumOfAllData = true;
    }

    /** True if {@link #noteSumOfAllData} was called. */
    boolean hasSumOfAllData() {
        return sumOfAllData;
    }

    /** The new P, one block for each stripe. */
    public MemorySegment p() {
        if (p == null) {
            throw new IllegalStateException("parity of the run at stripe " + stripeSector() + " is not made yet");
        }
        return p;
    }

    /** The new Q, one block for each stripe; null if the level has none. Made together with {@link #p}. */
    public @Nullable MemorySegment q() {
        return q;
    }

    /** The run as it is logged in write-through mode: its data in slot order, and its parity. */
    public StripeRun dataAndParity() {
        return new StripeRun(stripeSector(), stripeCount(), dataColumns(), p(), q());
    }

    /** The run as it is logged when it is cached: its data in slot order. */
    public StripeRun dataOnly() {
        return new StripeRun(stripeSector(), stripeCount(), dataColumns(), null, null);
    }

    /** The run as it is logged when it is written out: its parity, as the journal has its data already. */
    public StripeRun parityOnly() {
        return new StripeRun(stripeSector(), stripeCount(), List.of(), p(), q());
    }

    private List<DataColumn> dataColumns() {
        List<DataColumn> columns = new ArrayList<>(newData.length);
        for (int slot = 0; slot < geometry.raidDisks(); slot++) {
            int dataIndex = geometry.dataIndex(row(), slot);
            MemorySegment segment = dataIndex < 0 ? null : newData[dataIndex];
            if (segment != null) {
                columns.add(new DataColumn(geometry.arraySectorOf(stripeSector(), dataIndex), segment));
            }
        }
        return columns;
    }
}

package io.mdfuse.raid.stripe;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.DataColumn;
import io.mdfuse.journal.StripeRun;
import io.mdfuse.raid.geometry.ArrayGeometry;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * New whole blocks for consecutive stripes of one chunk row, in the same data slots for each stripe, and the
 * parity that goes with them once it is made. The unit in which the engine reads, computes, logs and writes.
 */
public final class RunWrite {
    private final ArrayGeometry geometry;
    private final StripeRange stripes;
    private final @Nullable MemorySegment[] newData;
    private @Nullable MemorySegment p;
    private @Nullable MemorySegment q;
    private boolean sumOfAllData;
    private boolean parityLost;
    private boolean alone;

    /**
     * A run whose parity is still to be made.
     *
     * @param stripeSector member sector of the first stripe
     * @param newData by data index, one block for each stripe; null where the slot is not written
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

    /** Where the run lies on every member, in bytes from the start of its data. */
    public long memberOffsetBytes() {
        return stripes.memberOffsetBytes();
    }

    /** How many bytes of each member the run covers. */
    public long bytesPerSlot() {
        return stripes.bytesPerSlot();
    }

    /** The new blocks of a data index; null where it is not written. */
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

    /** Gives it its parity; Q is null where the level has none. */
    public void setParity(MemorySegment newP, @Nullable MemorySegment newQ) {
        p = newP;
        q = newQ;
    }

    /** No parity can be made for it: its parity blocks are listed as bad, and not written. */
    public void noteParityLost() {
        parityLost = true;
    }

    /** True if its parity is not written. */
    public boolean parityIsLost() {
        return parityLost;
    }

    /** Its request was admitted alone, into a log that holds nothing. */
    public void noteAlone() {
        alone = true;
    }

    /** True if its request is the only one that is in, and the log held nothing when it came in. */
    public boolean isAlone() {
        return alone;
    }

    /** Its parity is the sum of all data blocks of its stripes, whatever old parity was. */
    void noteSumOfAllData() {
        sumOfAllData = true;
    }

    /** True where {@link #noteSumOfAllData} was called. */
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

    /** The new Q, one block for each stripe; null where the level has none. Made together with {@link #p}. */
    public @Nullable MemorySegment q() {
        return q;
    }

    /** The run as the journal takes it in write-through: its data in slot order, and its parity. */
    public StripeRun dataAndParity() {
        return new StripeRun(stripeSector(), stripeCount(), dataColumns(), p(), q());
    }

    /** The run as the journal takes it when it is cached: its data in slot order. */
    public StripeRun dataOnly() {
        return new StripeRun(stripeSector(), stripeCount(), dataColumns(), null, null);
    }

    /** The run as the journal takes it when it is written out, and has its data already. */
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

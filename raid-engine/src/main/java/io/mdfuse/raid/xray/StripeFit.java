package io.mdfuse.raid.xray;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.parity.CorruptBlock;
import io.mdfuse.raid.parity.StripeParity;
import io.mdfuse.raid.parity.XorParity;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether the blocks of one stripe fit each other.
 *
 * <pre>
 *   blocks that can't be read   compared by
 *   none                        every parity; if both of RAID-6 disagree, the one wrong block is located
 *   one, RAID-6                 the parity that is left after the block was solved with the other
 *   more                        nothing: redundancy is used up
 * </pre>
 */
final class StripeFit {
    private final ArrayGeometry geometry;
    private final long row;
    private final @Nullable MemorySegment[] bySlot;

    private StripeFit(ArrayGeometry geometry, long row, @Nullable MemorySegment[] bySlot) {
        this.geometry = geometry;
        this.row = row;
        this.bySlot = bySlot;
    }

    /** The verdict in one line. */
    static String words(ArrayGeometry geometry, long row, List<StripeBlock> blocks) {
        @Nullable MemorySegment[] bySlot = new MemorySegment[blocks.size()];
        for (StripeBlock block : blocks) {
            bySlot[block.slot()] = block.content();
        }
        return new StripeFit(geometry, row, bySlot).words();
    }

    private String words() {
        int unreadable = (int) Arrays.stream(bySlot).filter(Objects::isNull).count();
        boolean hasQ = geometry.layout().parityCount() == 2;
        if (unreadable == 0) {
            return hasQ ? bothParities() : oneParity();
        }
        if (unreadable < geometry.layout().parityCount()) {
            return leftParity();
        }
        return "nothing to compare with: " + unreadable + " of " + bySlot.length + " blocks can't be read"
                + (unreadable == geometry.layout().parityCount() ? "; they can be solved from the others" : "");
    }

    private String oneParity() {
        MemorySegment p = block();
        StripeParity.make(p, null, byExponent());
        return p.mismatch(slot(geometry.parityP(row))) < 0
                ? "P fits the data"
                : "P and the data disagree: one parity can't tell which block is wrong";
    }

    private String bothParities() {
        MemorySegment p = block();
        MemorySegment q = block();
        StripeParity.make(p, q, byExponent());
        XorParity.add(p, slot(geometry.parityP(row)));
        XorParity.add(q, slot(geometry.parityQ(row)));
        CorruptBlock wrong = CorruptBlock.locate(p, q, exponent -> geometry.dataIndexOfExponent(row, exponent) >= 0);
        return switch (wrong.kind()) {
            case NONE -> "P and Q fit the data";
            case P -> "Q fits the data, P does not";
            case Q -> "P fits the data, Q does not";
            case DATA -> {
                int index = geometry.dataIndexOfExponent(row, wrong.exponent());
                yield "D" + index + " in slot " + geometry.dataSlot(row, index) + " does not fit all the others";
            }
            case SEVERAL -> "more than one block is wrong";
        };
    }

    /** RAID-6 with one block missing: it is solved, and what is not needed for that is compared. */
    private String leftParity() {
        int missing = Arrays.asList(bySlot).indexOf(null);
        int slotOfP = geometry.parityP(row);
        int slotOfQ = geometry.parityQ(row);
        if (missing != slotOfP && missing != slotOfQ) {
            MemorySegment solved = block();
            for (int slot = 0; slot < bySlot.length; slot++) {
                if (slot != missing && slot != slotOfQ) {
                    XorParity.add(solved, slot(slot));
                }
            }
            bySlot[missing] = solved;
        }
        MemorySegment p = block();
        MemorySegment q = block();
        StripeParity.make(p, q, byExponent());
        boolean comparesP = missing == slotOfQ;
        boolean fits = comparesP ? p.mismatch(slot(slotOfP)) < 0 : q.mismatch(slot(slotOfQ)) < 0;
        return (comparesP ? "P" : "Q") + (fits ? " fits" : " does not fit") + " the data"
                + (missing == slotOfP || missing == slotOfQ
                        ? ""
                        : ", with D" + geometry.dataIndex(row, missing) + " solved from P");
    }

    private MemorySegment slot(int slot) {
        return Objects.requireNonNull(bySlot[slot]);
    }

    private static MemorySegment block() {
        return MemorySegment.ofArray(new byte[Sectors.BLOCK_BYTES]);
    }

    private @Nullable MemorySegment[] byExponent() {
        @Nullable MemorySegment[] data = new MemorySegment[geometry.exponents()];
        for (int index = 0; index < geometry.dataDisks(); index++) {
            data[geometry.exponent(row, index)] = slot(geometry.dataSlot(row, index));
        }
        return data;
    }
}

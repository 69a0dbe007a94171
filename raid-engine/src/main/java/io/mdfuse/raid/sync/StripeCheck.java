package io.mdfuse.raid.sync;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.parity.CorruptBlock;
import io.mdfuse.raid.parity.XorParity;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Finds the {@link StripeVerdict} of each stripe of a {@link StripeImage}. A range that fits is compared as one. */
final class StripeCheck implements AutoCloseable {
    private final ArrayGeometry geometry;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment pDelta = arena.allocate(Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);
    private final MemorySegment qDelta = arena.allocate(Sectors.BLOCK_BYTES, Sectors.BLOCK_BYTES);

    StripeCheck(ArrayGeometry geometry) {
        this.geometry = geometry;
    }

    /** The stripes that don't fit, neighbours with the same verdict together, in ascending order. */
    List<Mismatch> of(StripeImage image) {
        return of(image, image.stripeSector(), image.endStripeSector());
    }

    /** As {@link #of(StripeImage)}, for some of its stripes. */
    List<Mismatch> of(StripeImage image, long fromStripeSector, long untilStripeSector) {
        List<Mismatch> found = new ArrayList<>();
        if (fits(image, fromStripeSector, untilStripeSector)) {
            return found;
        }
        for (long at = fromStripeSector; at < untilStripeSector; at += Sectors.PER_BLOCK) {
            StripeVerdict verdict = verdict(image, at);
            if (verdict.kind() != StripeVerdict.Kind.FITS) {
                add(found, new Mismatch(at, at + Sectors.PER_BLOCK, verdict, false));
            }
        }
        return found;
    }

    private static void add(List<Mismatch> found, Mismatch next) {
        if (!found.isEmpty() && found.getLast().continuesIn(next)) {
            Mismatch first = found.removeLast();
            found.add(new Mismatch(first.stripeSector(), next.endStripeSector(), next.verdict(), false));
        } else {
            found.add(next);
        }
    }

    private boolean fits(StripeImage image, long from, long end) {
        long row = image.row();
        boolean pFits = image.slot(geometry.parityP(row), from, end).mismatch(image.expectedP(from, end)) < 0;
        return pFits
                && (geometry.layout().parityCount() == 1
                        || image.slot(geometry.parityQ(row), from, end).mismatch(image.expectedQ(from, end)) < 0);
    }

    private StripeVerdict verdict(StripeImage image, long stripeSector) {
        long end = stripeSector + Sectors.PER_BLOCK;
        if (fits(image, stripeSector, end)) {
            return StripeVerdict.FITS;
        }
        long row = image.row();
        if (geometry.layout().parityCount() == 1) {
            return StripeVerdict.disagrees(geometry.parityP(row));
        }
        if (image.missingSlot().isPresent()) {
            // The missing block was solved with one parity, P if both are present; the other parity shows the mismatch.
            boolean lacksQ = image.missingSlot().getAsInt() == geometry.parityQ(row);
            return StripeVerdict.disagrees(lacksQ ? geometry.parityP(row) : geometry.parityQ(row));
        }
        if (image.isSolved() || image.listsBad(stripeSector)) {
            // A solved block fits the blocks that it was solved from, so the wrong block can't be determined.
            return StripeVerdict.SEVERAL;
        }
        pDelta.copyFrom(image.slot(geometry.parityP(row), stripeSector, end));
        XorParity.add(pDelta, image.expectedP(stripeSector, end));
        qDelta.copyFrom(image.slot(geometry.parityQ(row), stripeSector, end));
        XorParity.add(qDelta, image.expectedQ(stripeSector, end));
        CorruptBlock lying =
                CorruptBlock.locate(pDelta, qDelta, exponent -> geometry.dataIndexOfExponent(row, exponent) >= 0);
        return switch (lying.kind()) {
            case NONE -> StripeVerdict.FITS;
            case P -> StripeVerdict.lies(geometry.parityP(row));
            case Q -> StripeVerdict.lies(geometry.parityQ(row));
            case DATA ->
                StripeVerdict.lies(geometry.dataSlot(row, geometry.dataIndexOfExponent(row, lying.exponent())));
            case SEVERAL -> StripeVerdict.SEVERAL;
        };
    }

    @Override
    public void close() {
        arena.close();
    }
}

package io.mdfuse.raid.sync;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.parity.XorParity;
import io.mdfuse.raid.stripe.RunWrite;
import io.mdfuse.raid.stripe.StripeLocks;
import io.mdfuse.raid.stripe.StripeRange;
import io.mdfuse.raid.writepath.WritePath;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Repairs stripes whose blocks don't fit each other, and rewrites as few blocks as the verdict allows.
 *
 * <pre>
 *   verdict             rewritten
 *   LIES, a data slot   that block: its content + the delta of P; if data is to be kept, P and Q, made from the data
 *   LIES, P or Q        that parity, made from the data
 *   DISAGREES           that parity, made from the data: one parity can't determine the wrong block, and reads have
 *                       returned the data so far
 *   SEVERAL             P and Q, made from the data; only if forced or if data is to be kept, because it destroys the
 *                       evidence
 * </pre>
 *
 * With a journal the stripe's parity and one data block are logged too, so that a replay of an older log can't undo the
 * repair. Nothing is marked dirty. Each repair that does not make both parities changes a single block, so a crash
 * during it leaves a stripe with a single wrong block, as before; both parities were wrong before a crash between
 * them; and a resync would destroy the evidence of all stripes that are still to be repaired.
 */
final class StripeMender {
    private final ArrayGeometry geometry;
    private final WritePath writePath;
    private final ScrubAction action;

    StripeMender(ArrayGeometry geometry, WritePath writePath, ScrubAction action) {
        this.geometry = geometry;
        this.writePath = writePath;
        this.action = action;
    }

    boolean canMend(StripeVerdict verdict) {
        return switch (verdict.kind()) {
            case LIES, DISAGREES -> action.repairs();
            case SEVERAL -> action == ScrubAction.FORCED_REPAIR || action == ScrubAction.PARITY_REPAIR;
            case FITS, UNREADABLE -> false;
        };
    }

    /**
     * Repairs stripes of the image, for which {@link #canMend} is true and whose write is admitted.
     *
     * @param lease covers the stripes of the mismatch
     */
    void mend(StripeLocks.Lease lease, StripeImage image, Mismatch mismatch, StripeCheck check) throws IOException {
        long from = mismatch.stripeSector();
        long end = mismatch.endStripeSector();
        lease.require(new StripeRange(from, end));
        long row = image.row();
        int slotOfP = geometry.parityP(row);
        int slotOfQ = geometry.parityQ(row);
        int wrongSlot = mismatch.verdict().slot();
        BitSet rewritten = new BitSet();
        int logged = 0;
        switch (mismatch.verdict().kind()) {
            case LIES -> {
                boolean isData = wrongSlot != slotOfP && wrongSlot != slotOfQ;
                if (isData && action == ScrubAction.PARITY_REPAIR) {
                    rewritten.set(slotOfP);
                    rewritten.set(slotOfQ);
                } else {
                    rewritten.set(wrongSlot);
                    if (isData) {
                        logged = geometry.dataIndex(row, wrongSlot);
                        repairDataBlock(image, from, end, wrongSlot, check);
                    }
                }
            }
            case DISAGREES -> rewritten.set(wrongSlot);
            case SEVERAL -> {
                rewritten.set(slotOfP);
                rewritten.set(slotOfQ);
            }
            case FITS, UNREADABLE -> throw new IllegalArgumentException("nothing to repair: " + mismatch);
        }
        // After the data block is repaired, the expected parity is the one that is there.
        MemorySegment p = image.expectedP(from, end);
        MemorySegment q = slotOfQ < 0 ? null : image.expectedQ(from, end);
        RunWrite run = new RunWrite(
                geometry, from, (int) ((end - from) / Sectors.PER_BLOCK), oneDataBlock(logged, image, row, from, end));
        run.setParity(p, q);
        writePath.repair(lease, run, rewritten);
    }

    private List<@Nullable MemorySegment> oneDataBlock(int index, StripeImage image, long row, long from, long end) {
        List<@Nullable MemorySegment> data = new ArrayList<>(Collections.nCopies(geometry.dataDisks(), null));
        data.set(index, image.slot(geometry.dataSlot(row, index), from, end));
        return data;
    }

    private void repairDataBlock(StripeImage image, long from, long end, int wrongSlot, StripeCheck check) {
        MemorySegment block = image.slot(wrongSlot, from, end);
        XorParity.add(block, image.slot(geometry.parityP(image.row()), from, end));
        XorParity.add(block, image.expectedP(from, end));
        image.makeParity();
        if (!check.of(image, from, end).isEmpty()) {
            throw new IllegalStateException("the stripe at sector " + from + " would not fit with slot " + wrongSlot
                    + " repaired; nothing was written");
        }
    }
}

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
 * Makes stripes fit again, rewriting as little as the verdict allows.
 *
 * <pre>
 *   LIES, a data slot   that block = what it holds + the delta of P
 *   LIES, P or Q        that parity, made from the data
 *   DISAGREES           that parity, made from the data: with one parity there is no telling, and data is what
 *                       was read before
 *   SEVERAL             P and Q, made from the data; only when forced, for it buries what evidence there is
 * </pre>
 *
 * With a journal the stripe's parity and one data block are logged too, so that a replay of an older log can't undo the
 * repair. Nothing is marked dirty: each repair but the forced one changes a single block, so that a crash in its middle
 * leaves a stripe with a single block that lies, as it was; and a resync in its stead would bury the evidence of all
 * stripes that are still to be repaired.
 */
final class StripeMender {
    private final ArrayGeometry geometry;
    private final WritePath writePath;

    StripeMender(ArrayGeometry geometry, WritePath writePath) {
        this.geometry = geometry;
        this.writePath = writePath;
    }

    static boolean canMend(StripeVerdict verdict, ScrubAction action) {
        return switch (verdict.kind()) {
            case LIES, DISAGREES -> action.repairs();
            case SEVERAL -> action == ScrubAction.FORCED_REPAIR;
            case FITS, UNREADABLE -> false;
        };
    }

    /**
     * Repairs stripes of the image, which are admitted; they can be mended.
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
        int lying = mismatch.verdict().slot();
        BitSet rewritten = new BitSet();
        MemorySegment p = image.slot(slotOfP, from, end);
        MemorySegment q = slotOfQ < 0 ? null : image.slot(slotOfQ, from, end);
        int logged = 0;
        if (mismatch.verdict().kind() != StripeVerdict.Kind.LIES) {
            p = image.rightP(from, end);
            q = slotOfQ < 0 ? null : image.rightQ(from, end);
            if (mismatch.verdict().kind() == StripeVerdict.Kind.DISAGREES) {
                rewritten.set(lying);
            } else {
                rewritten.set(slotOfP);
                rewritten.set(slotOfQ);
            }
        } else {
            rewritten.set(lying);
            if (lying == slotOfP) {
                p = image.rightP(from, end);
            } else if (lying == slotOfQ) {
                q = image.rightQ(from, end);
            } else {
                logged = geometry.dataIndex(row, lying);
                rightenData(image, from, end, lying, check);
            }
        }
        RunWrite run = new RunWrite(
                geometry, from, (int) ((end - from) / Sectors.PER_BLOCK), only(logged, image, row, from, end));
        run.setParity(p, q);
        writePath.repair(lease, run, rewritten);
    }

    private List<@Nullable MemorySegment> only(int index, StripeImage image, long row, long from, long end) {
        List<@Nullable MemorySegment> data = new ArrayList<>(Collections.nCopies(geometry.dataDisks(), null));
        data.set(index, image.slot(geometry.dataSlot(row, index), from, end));
        return data;
    }

    private void rightenData(StripeImage image, long from, long end, int lying, StripeCheck check) {
        MemorySegment block = image.slot(lying, from, end);
        XorParity.add(block, image.slot(geometry.parityP(image.row()), from, end));
        XorParity.add(block, image.rightP(from, end));
        image.makeParity();
        if (!check.of(image, from, end).isEmpty()) {
            throw new IllegalStateException("the stripe at sector " + from + " would not fit with slot " + lying
                    + " repaired; nothing was written");
        }
    }
}

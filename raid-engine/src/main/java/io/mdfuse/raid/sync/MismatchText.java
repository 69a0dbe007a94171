package io.mdfuse.raid.sync;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import java.util.Locale;

/** Says in one line what does not fit: where on the members, on which device, and where in the volume. */
public final class MismatchText {
    private final ArrayGeometry geometry;
    private final MemberSet members;

    /** For the stripes of one array. */
    public MismatchText(ArrayGeometry geometry, MemberSet members) {
        this.geometry = geometry;
        this.members = members;
    }

    /** The line for one place. */
    public String of(Mismatch place) {
        StringBuilder line = new StringBuilder();
        line.append(String.format(
                Locale.ROOT, "member sectors %d-%d: ", place.stripeSector(), place.endStripeSector() - 1));
        StripeVerdict verdict = place.verdict();
        switch (verdict.kind()) {
            case LIES -> line.append(lying(place));
            case DISAGREES ->
                line.append("parity in ")
                        .append(slot(verdict.slot()))
                        .append(" and data disagree, ")
                        .append(volumeRange(place));
            case SEVERAL -> line.append("more than one block is wrong, ").append(volumeRange(place));
            case UNREADABLE -> line.append("can't be read, ").append(volumeRange(place));
            case FITS -> line.append("fits");
        }
        return line.append(place.repaired() ? ", repaired" : "").toString();
    }

    private String lying(Mismatch place) {
        int slot = place.verdict().slot();
        long row = geometry.rowOfStripe(place.stripeSector());
        int index = geometry.dataIndex(row, slot);
        if (index < 0) {
            return slot(slot) + " is wrong (" + (slot == geometry.parityP(row) ? "P" : "Q") + ")";
        }
        return slot(slot) + " is wrong, volume offset "
                + Sectors.toBytes(geometry.arraySectorOf(place.stripeSector(), index));
    }

    private String slot(int slot) {
        Member member = members.member(slot);
        return "rd" + slot + (member == null ? "" : " (" + member.name() + ")");
    }

    /** Where the chunks of the row begin and end in the volume: the data of the stripe lies among them. */
    private String volumeRange(Mismatch place) {
        long first = Sectors.toBytes(geometry.arraySectorOf(place.stripeSector(), 0));
        return "volume offset " + first
                + (geometry.dataDisks() == 1
                        ? ""
                        : " and every " + geometry.chunkBytes() + " bytes after it, " + geometry.dataDisks()
                                + " in all");
    }
}

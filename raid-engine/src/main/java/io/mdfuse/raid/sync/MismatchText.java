package io.mdfuse.raid.sync;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ArrayGeometry;
import io.mdfuse.raid.member.Member;
import io.mdfuse.raid.member.MemberSet;
import java.util.Locale;

/** Describes a mismatch in one line: the sectors of the members, the device, and the offset in the volume. */
public final class MismatchText {
    private final ArrayGeometry geometry;
    private final MemberSet members;

    /** A describer for the mismatches of one array. */
    public MismatchText(ArrayGeometry geometry, MemberSet members) {
        this.geometry = geometry;
        this.members = members;
    }

    /** The line for one mismatch, without a line break. */
    public String of(Mismatch mismatch) {
        StringBuilder line = new StringBuilder();
        line.append(String.format(
                Locale.ROOT, "member sectors %d-%d: ", mismatch.stripeSector(), mismatch.endStripeSector() - 1));
        StripeVerdict verdict = mismatch.verdict();
        switch (verdict.kind()) {
            case LIES -> line.append(wrongBlock(mismatch));
            case DISAGREES ->
                line.append("parity in ")
                        .append(slot(verdict.slot()))
                        .append(" and data disagree, ")
                        .append(volumeRange(mismatch));
            case SEVERAL -> line.append("more than one block is wrong, ").append(volumeRange(mismatch));
            case UNREADABLE -> line.append("can't be read, ").append(volumeRange(mismatch));
            case FITS -> line.append("fits");
        }
        return line.append(mismatch.repaired() ? ", repaired" : "").toString();
    }

    /** Why a repair that would rewrite one member nearly everywhere is not begun, and what to do; one line. */
    String of(RepairSurvey.Suspect suspect) {
        boolean everywhere = suspect.fromSector() == 0 && suspect.endSector() == geometry.memberSectors();
        return slot(suspect.slot()) + " does not fit the others in " + suspect.named() + " of " + suspect.compared()
                + " stripes that were looked at "
                + (everywhere
                        ? "all over the array"
                        : "in member sectors " + suspect.fromSector() + "-" + (suspect.endSector() - 1))
                + "; nothing was changed. If that device lost its content, replace it (mdfuse replace). If the array"
                + " was created with --assume-clean, its parity was never right: mdfuse repair --keep-data makes it"
                + " from the data. mdfuse repair --force rewrites the blocks of that device";
    }

    private String wrongBlock(Mismatch mismatch) {
        int slot = mismatch.verdict().slot();
        long row = geometry.rowOfStripe(mismatch.stripeSector());
        int index = geometry.dataIndex(row, slot);
        if (index < 0) {
            return slot(slot) + " is wrong (" + (slot == geometry.parityP(row) ? "P" : "Q") + ")";
        }
        return slot(slot) + " is wrong, volume offset "
                + Sectors.toBytes(geometry.arraySectorOf(mismatch.stripeSector(), index));
    }

    private String slot(int slot) {
        Member member = members.member(slot);
        return "rd" + slot + (member == null ? "" : " (" + member.name() + ")");
    }

    /** The offsets in the volume of the data blocks of the first stripe, one in each chunk of the row. */
    private String volumeRange(Mismatch mismatch) {
        long first = Sectors.toBytes(geometry.arraySectorOf(mismatch.stripeSector(), 0));
        return "volume offset " + first
                + (geometry.dataDisks() == 1
                        ? ""
                        : " and every " + geometry.chunkBytes() + " bytes after it, " + geometry.dataDisks()
                                + " in all");
    }
}

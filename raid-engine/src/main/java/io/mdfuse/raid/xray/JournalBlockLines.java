package io.mdfuse.raid.xray;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.BlockVisitor;
import io.mdfuse.journal.JournalRecord;
import io.mdfuse.journal.ScannedBlock;
import io.mdfuse.journal.ScannedGap;
import java.util.function.Consumer;

/** Each meta block of a log in a line, and what it describes in a line for each of its payloads. */
final class JournalBlockLines implements BlockVisitor {
    private final Consumer<String> lines;

    JournalBlockLines(Consumer<String> lines) {
        this.lines = lines;
    }

    @Override
    public void visit(ScannedBlock block) {
        lines.accept("block at sector " + block.position().sector() + ", sequence "
                + Long.toUnsignedString(block.position().sequence()) + ", "
                + block.records().size() + " payloads"
                + (block.intact() ? "" : ", DAMAGED"));
        for (JournalRecord each : block.records()) {
            lines.accept("  " + words(each));
        }
    }

    private static String words(JournalRecord each) {
        return switch (each) {
            case JournalRecord.Data data ->
                "data    volume offset " + Sectors.toBytes(data.arraySector()) + ", page at sector " + data.pageSector()
                        + intact(data.intact());
            case JournalRecord.Parity parity ->
                "parity  stripe at member sector " + parity.stripeSector() + ", P at sector " + parity.pPageSector()
                        + intact(parity.pIntact())
                        + (parity.qPageSector() == JournalRecord.NO_PAGE
                                ? ""
                                : ", Q at sector " + parity.qPageSector() + intact(parity.qIntact()));
            case JournalRecord.Flush flush ->
                "flush   the members have all of " + flush.stripeSectors().size() + " stripes: member sectors "
                        + flush.stripeSectors();
        };
    }

    private static String intact(boolean intact) {
        return intact ? "" : " (DAMAGED)";
    }

    @Override
    public void gap(ScannedGap gap) {
        lines.accept("LOST from sector " + gap.lost().sector() + " to "
                + gap.resumed().sector() + ": "
                + (gap.resumed().sequence() - gap.lost().sequence()) + " blocks, sequence "
                + Long.toUnsignedString(gap.lost().sequence()) + " on");
    }
}

package io.mdfuse.raid.xray;

import io.mdfuse.device.Sectors;
import io.mdfuse.journal.BlockVisitor;
import io.mdfuse.journal.JournalRecord;
import io.mdfuse.journal.ScanResult;
import io.mdfuse.journal.ScannedBlock;
import io.mdfuse.journal.ScannedGap;
import io.mdfuse.raid.recovery.JournalSurvey;
import io.mdfuse.raid.recovery.ReplayCase;
import io.mdfuse.raid.superblock.FoundDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What a journal holds, and what a recovery would do with it if every member is there. Read once; the object does not
 * change. Sectors of the ring are 512 bytes and count from its start.
 */
public final class JournalXray {
    private final JournalSurvey survey;
    private final JournalSurvey.Found found;
    private final JournalRing ring;
    private long dataPages;
    private long parityPages;
    private long flushRecords;
    private long lastSequence;

    /**
     * Walks the log.
     *
     * @param blocks receives a line for each block and payload on the way
     * @throws IOException if the device is no journal, can't be read, or a block names a sector that the array does not
     *     have
     */
    public JournalXray(FoundDevice device, Consumer<String> blocks) throws IOException {
        survey = new JournalSurvey(device);
        ring = new JournalRing(survey.area());
        JournalBlockLines each = new JournalBlockLines(blocks);
        found = survey.walk(new BlockVisitor() {
            @Override
            public void visit(ScannedBlock block) {
                count(block);
                each.visit(block);
            }

            @Override
            public void gap(ScannedGap gap) {
                ring.add(gap);
                each.gap(gap);
            }
        });
        ring.add(found.tailSector(), found.scan().end());
    }

    private void count(ScannedBlock block) {
        ring.add(block);
        lastSequence = block.position().sequence();
        for (JournalRecord each : block.records()) {
            switch (each) {
                case JournalRecord.Data _ -> dataPages++;
                case JournalRecord.Parity parity ->
                    parityPages += parity.qPageSector() == JournalRecord.NO_PAGE ? 1 : 2;
                case JournalRecord.Flush _ -> flushRecords++;
            }
        }
    }

    /** The length of the ring in sectors. */
    public long ringSectors() {
        return survey.area().sizeSectors();
    }

    /** Where the log begins: the tail in the superblock (md: journal_tail). */
    public long tailSector() {
        return found.tailSector();
    }

    /** Where the log ends. */
    public long endSector() {
        return found.scan().end().sector();
    }

    /** The length of the log in sectors. */
    public long logSectors() {
        return survey.area().distance(tailSector(), endSector());
    }

    /** Whether a valid block is at the tail; if not, what the log holds is not known. */
    public boolean tailValid() {
        return found.scan().tailValid();
    }

    public long metaBlocks() {
        return found.scan().blockCount();
    }

    /** The sequence number of the last block, unsigned. */
    public long lastSequence() {
        return lastSequence;
    }

    public long dataPages() {
        return dataPages;
    }

    public long parityPages() {
        return parityPages;
    }

    public long flushRecords() {
        return flushRecords;
    }

    /** What of the log is damaged, as parts of a sentence; empty if nothing is. */
    public List<String> damage() {
        ScanResult scan = found.scan();
        List<String> parts = new ArrayList<>();
        if (!scan.damagedPages().isEmpty()) {
            parts.add(scan.damagedPages().size() + " pages with a wrong checksum");
        }
        for (ScannedGap gap : found.gaps()) {
            parts.add("what is between sector " + gap.lost().sector() + " and "
                    + gap.resumed().sector());
        }
        if (scan.tornEnd() != null) {
            parts.add("the last block is incomplete: it was being written when power failed, or it decayed");
        }
        return parts;
    }

    /** For each row of the table of {@link ReplayCase}, in lower case, how many stripes it applies to. */
    public Map<String, Long> recoveryCases() {
        Map<String, Long> cases = new TreeMap<>();
        found.stripes().forEach((what, count) -> cases.put(what.name().toLowerCase(Locale.ROOT), count));
        return cases;
    }

    /** What a recovery would do; a line each. */
    public List<String> recovery() {
        if (found.scan().malformed() != null) {
            return List.of("refused: a block is valid, but of a kind that mdfuse does not know");
        }
        if (!tailValid()) {
            return List.of("refused; mount --force drops the log and makes all parity again");
        }
        List<String> lines = new ArrayList<>();
        found.stripes().forEach((what, count) -> lines.add(count + " stripes " + words(what)));
        if (lines.isEmpty()) {
            lines.add("nothing to replay");
        }
        if (!found.gaps().isEmpty()) {
            lines.add("and all parity of the array made again, for what is lost can't be told");
        }
        return lines;
    }

    private static String words(ReplayCase what) {
        return switch (what) {
            case NOTHING -> "left as they are: parity alone, their data reached the members";
            case DATA_PARITY -> "written as logged, data and parity";
            case DATA_ONLY -> "written with parity made again: their data was cached and not written out";
            case DATA_PARITY_THEN_DATA_ONLY -> "written as logged, then with newer cached data and parity made again";
            case DOUBTFUL -> "in doubt: more of them is damaged than parity can solve";
        };
    }

    /** The ring as lines of characters, and the legend. */
    public List<String> picture() {
        return ring.lines();
    }

    /** The ring's length in bytes. */
    public long ringBytes() {
        return Sectors.toBytes(ringSectors());
    }
}

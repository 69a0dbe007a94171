package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.xray.JournalXray;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;

/**
 * The text and the JSON of {@code mdfuse journal}.
 *
 * @param device the journal
 * @param journal what it holds
 */
record JournalReport(FoundDevice device, JournalXray journal) {
    void print(PrintWriter out) {
        Superblock superblock = device.superblock();
        line(
                out,
                "Array",
                superblock.setName() + ", " + superblock.setUuidText() + ", raid" + superblock.level() + " of "
                        + superblock.raidDisks() + " devices");
        line(
                out,
                "Ring",
                HumanSize.brief(journal.ringBytes()) + " from byte " + Sectors.toBytes(superblock.dataOffsetSectors())
                        + " of " + device.name());
        line(
                out,
                "Tail",
                "sector " + journal.tailSector() + " of the ring, by the superblock with event count "
                        + Long.toUnsignedString(superblock.events()));
        if (!journal.tailValid()) {
            line(out, "Log", "its first block is damaged or was never written: what the log holds is not known");
        } else {
            line(
                    out,
                    "Log",
                    journal.metaBlocks() + " meta blocks up to sequence "
                            + Long.toUnsignedString(journal.lastSequence()) + ", "
                            + HumanSize.brief(Sectors.toBytes(journal.logSectors())) + ", up to sector "
                            + journal.endSector());
            line(
                    out,
                    "Pages",
                    journal.dataPages() + " of data, " + journal.parityPages() + " of parity; " + journal.flushRecords()
                            + " flush records");
            line(out, "Damage", journal.damage().isEmpty() ? "none" : String.join(", ", journal.damage()));
        }
        journal.recovery().forEach(words -> line(out, "Recovery", words));
        out.println();
        journal.picture().forEach(out::println);
    }

    private static void line(PrintWriter out, String word, String value) {
        out.println(" ".repeat(10 - word.length()) + word + " : " + value);
    }

    void write(JsonGenerator json) throws IOException {
        Superblock superblock = device.superblock();
        json.writeStartObject();
        json.writeStringField("device", device.name());
        json.writeStringField("array_uuid", superblock.setUuidText());
        json.writeNumberField("events", superblock.events());
        json.writeNumberField("ring_sectors", journal.ringSectors());
        json.writeNumberField("tail_sector", journal.tailSector());
        json.writeBooleanField("tail_valid", journal.tailValid());
        json.writeNumberField("end_sector", journal.endSector());
        json.writeNumberField("last_sequence", journal.lastSequence());
        json.writeNumberField("meta_blocks", journal.metaBlocks());
        json.writeNumberField("data_pages", journal.dataPages());
        json.writeNumberField("parity_pages", journal.parityPages());
        json.writeNumberField("flush_records", journal.flushRecords());
        json.writeArrayFieldStart("damage");
        for (String part : journal.damage()) {
            json.writeString(part);
        }
        json.writeEndArray();
        json.writeObjectFieldStart("recovery_stripes");
        for (Map.Entry<String, Long> each : journal.recoveryCases().entrySet()) {
            json.writeNumberField(each.getKey(), each.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
    }
}

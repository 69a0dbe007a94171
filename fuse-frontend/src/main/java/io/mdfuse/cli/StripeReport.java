package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.xray.StripeBlock;
import io.mdfuse.raid.xray.StripeXray;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One stripe, as a table with a line for each slot: the text and the JSON of {@code mdfuse stripe}.
 *
 * @param stripe what was found
 */
record StripeReport(StripeXray stripe) {
    private static final int BYTES_SHOWN = 16;

    void print(PrintWriter out) {
        out.println("stripe at member sector " + stripe.stripeSector() + ", chunk row " + stripe.row() + ", raid"
                + stripe.geometry().layout().level() + " "
                + stripe.geometry().layout().mdName() + ", chunk "
                + SizeConverter.format(stripe.geometry().chunkBytes()));
        List<List<String>> table = new ArrayList<>();
        table.add(List.of("slot", "holds", "volume offset", "device", "byte on device", "CRC-32C", "begins with"));
        stripe.blocks().forEach(block -> table.add(row(block)));
        print(table, out);
        for (StripeBlock block : stripe.blocks()) {
            if (!block.logged().isEmpty()) {
                out.println("the journal has " + block.holds() + " (slot " + block.slot()
                        + ") in its blocks of sequence "
                        + block.logged().stream().map(Long::toUnsignedString).toList());
            }
        }
        out.println(stripe.fit());
    }

    private static List<String> row(StripeBlock block) {
        String device = block.device();
        MemorySegment content = block.content();
        return List.of(
                Integer.toString(block.slot()),
                block.holds(),
                block.volumeOffsetBytes() < 0 ? "-" : Long.toString(block.volumeOffsetBytes()),
                device == null ? "-" : device,
                block.deviceOffsetBytes() < 0 ? "-" : Long.toString(block.deviceOffsetBytes()),
                content == null ? "-" : String.format(Locale.ROOT, "%08x", block.checksum()),
                content == null ? block.trouble() : block.isZero() ? "zeros" : preview(content));
    }

    /** The first bytes: as text if all can be printed, else in hexadecimal. */
    private static String preview(MemorySegment content) {
        byte[] bytes = content.asSlice(0, BYTES_SHOWN).toArray(ValueLayout.JAVA_BYTE);
        StringBuilder hex = new StringBuilder();
        boolean printable = true;
        for (byte each : bytes) {
            hex.append(String.format(Locale.ROOT, "%02x", each));
            printable &= each >= ' ' && each < 0x7f;
        }
        return printable ? "\"" + new String(bytes, StandardCharsets.US_ASCII) + "\"" : hex.toString();
    }

    private static void print(List<List<String>> table, PrintWriter out) {
        int[] widths = new int[table.getFirst().size()];
        for (List<String> row : table) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        for (List<String> row : table) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < widths.length; column++) {
                line.append("  ")
                        .append(row.get(column))
                        .append(" ".repeat(widths[column] - row.get(column).length()));
            }
            out.println(line.toString().stripTrailing());
        }
    }

    void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeNumberField("stripe_sector", stripe.stripeSector());
        json.writeNumberField("chunk_row", stripe.row());
        json.writeNumberField("level", stripe.geometry().layout().level());
        json.writeStringField("layout", stripe.geometry().layout().mdName());
        json.writeNumberField("chunk_bytes", stripe.geometry().chunkBytes());
        json.writeStringField("fit", stripe.fit());
        json.writeArrayFieldStart("blocks");
        for (StripeBlock block : stripe.blocks()) {
            json.writeStartObject();
            json.writeNumberField("slot", block.slot());
            json.writeStringField("holds", block.holds());
            if (block.volumeOffsetBytes() >= 0) {
                json.writeNumberField("volume_offset_bytes", block.volumeOffsetBytes());
            }
            if (block.device() != null) {
                json.writeStringField("device", block.device());
                json.writeNumberField("device_offset_bytes", block.deviceOffsetBytes());
            }
            if (block.content() != null) {
                json.writeStringField("crc32c", String.format(Locale.ROOT, "%08x", block.checksum()));
                json.writeBooleanField("zero", block.isZero());
            } else {
                json.writeStringField("trouble", block.trouble());
            }
            json.writeArrayFieldStart("logged_sequences");
            for (long sequence : block.logged()) {
                json.writeNumber(sequence);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeNumberField("block_bytes", Sectors.BLOCK_BYTES);
        json.writeEndObject();
    }
}

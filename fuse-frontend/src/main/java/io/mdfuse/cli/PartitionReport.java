package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.mdfuse.raid.superblock.PartitionedDisk;
import io.mdfuse.raid.superblock.PartitionedDisk.Entry;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.foreign.PartitionTable;
import io.mdfuse.raid.superblock.foreign.PartitionTable.Partition;
import java.io.IOException;
import java.io.PrintWriter;

/**
 * A whole disk with a partition table. mdadm --examine shows the four entries of a DOS table; here every partition has
 * a line of that form, with its own number, followed by what the partition contains.
 */
record PartitionReport(String device, PartitionedDisk disk) {
    void print(PrintWriter out) {
        out.println(device + ":");
        out.println("   Partition Table : " + name());
        for (Entry entry : disk.entries()) {
            Partition partition = entry.partition();
            String words = entry.details();
            out.println("Partition[%d] : %12d sectors at %12d (type %s)%s"
                    .formatted(
                            partition.number(),
                            partition.endSector() - partition.startSector(),
                            partition.startSector(),
                            partition.type(),
                            words.isEmpty() ? "" : "  " + words));
        }
    }

    private String name() {
        return switch (disk.table().kind()) {
            case GPT -> "gpt";
            case GPT_COPY -> "gpt, its second copy";
            case DOS -> "dos";
        };
    }

    void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("device", device);
        json.writeStringField("partition_table", disk.table().kind() == PartitionTable.Kind.DOS ? "dos" : "gpt");
        json.writeArrayFieldStart("partitions");
        for (Entry entry : disk.entries()) {
            write(entry, json);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(Entry entry, JsonGenerator json) throws IOException {
        Partition partition = entry.partition();
        json.writeStartObject();
        json.writeNumberField("number", partition.number());
        json.writeNumberField("start_sector", partition.startSector());
        json.writeNumberField("sectors", partition.endSector() - partition.startSector());
        json.writeStringField("type", partition.type());
        json.writeBooleanField("member", entry.member());
        if (entry.superblock().isPresent()) {
            Superblock superblock = entry.superblock().get();
            json.writeStringField("array_uuid", superblock.setUuidText());
            json.writeStringField("name", superblock.setName());
            json.writeStringField("level", ShapeText.levelName(superblock.level()));
        }
        json.writeStringField("holds", entry.details());
        if (entry.missingBytes() > 0) {
            json.writeNumberField("missing_bytes", entry.missingBytes());
        }
        json.writeEndObject();
    }
}

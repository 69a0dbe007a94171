package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.mdfuse.raid.superblock.ReshapeState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A reshape that is under way, in the terms of {@code mdadm --examine} and as JSON. It is separate from the printers of
 * both superblock versions because it is the same in both.
 *
 * @param raidDisks slots according to the superblock: those after the reshape
 * @param chunkBytes the chunk before the reshape
 */
record ReshapeText(ReshapeState reshape, int level, int layout, int raidDisks, long chunkBytes) {
    /** The roles of a superblock of version 1 name slots up to here. */
    private static final long MOST_SLOTS = 0xff00;

    /** A line of the text: its label, and the value after the colon. */
    record Line(String word, String value) {}

    /**
     * The lines, in mdadm's order. A property that the reshape does not change has no line.
     *
     * @param newChunk the new chunk as the superblock's version shows it
     */
    List<Line> lines(String newChunk) {
        List<Line> lines = new ArrayList<>();
        long kib = Long.divideUnsigned(reshape.positionSectors(), 2);
        lines.add(new Line("Reshape pos'n", Long.toUnsignedString(kib) + HumanSize.of(kib * 1024)));
        if (reshape.deltaDisks() != 0) {
            lines.add(new Line("Delta Devices", reshape.deltaDisks() + " (" + disksBefore() + "->" + raidDisks + ")"));
        }
        if (reshape.newLevel() != level) {
            lines.add(new Line("New Level", ShapeText.levelName(reshape.newLevel())));
        }
        newLayout().ifPresent(name -> lines.add(new Line("New Layout", name)));
        if (reshape.newChunkBytes() != chunkBytes) {
            lines.add(new Line("New Chunksize", newChunk));
        }
        return lines;
    }

    /** mdadm names the layout by the level before the reshape. */
    private Optional<String> newLayout() {
        return reshape.newLayout() == layout ? Optional.empty() : ShapeText.layoutName(level, reshape.newLayout());
    }

    private int disksBefore() {
        return raidDisks - reshape.deltaDisks();
    }

    /**
     * The number of slots that the superblock describes: the larger of the numbers before and after the reshape, but
     * never more than there are roles.
     */
    static int slotsShown(int raidDisks, Optional<ReshapeState> reshape) {
        long before = reshape.map(ReshapeState::deltaDisks).orElse(0);
        return (int) Math.clamp(raidDisks + Math.max(0L, -before), 0L, MOST_SLOTS);
    }

    /** Writes the object {@code reshape}. */
    void write(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("reshape");
        json.writeNumberField("position_sectors", reshape.positionSectors());
        json.writeNumberField("delta_devices", reshape.deltaDisks());
        json.writeNumberField("old_raid_devices", disksBefore());
        json.writeNumberField("new_raid_devices", raidDisks);
        json.writeStringField("new_level", ShapeText.levelName(reshape.newLevel()));
        Optional<String> name = ShapeText.layoutName(level, reshape.newLayout());
        if (name.isPresent()) {
            json.writeStringField("new_layout", name.get());
        }
        json.writeNumberField("new_chunk_bytes", reshape.newChunkBytes());
        if (reshape.newOffsetSectors() != 0) {
            json.writeNumberField("new_offset_delta_sectors", reshape.newOffsetSectors());
        }
        json.writeEndObject();
    }

    /** The new chunk in KiB. */
    String newChunkKib() {
        return reshape.newChunkBytes() / 1024 + "K";
    }

    /** The data offset after the reshape, for a device on which the data moves. */
    static Optional<String> newOffset(long dataOffsetSectors, Optional<ReshapeState> reshape) {
        return reshape.filter(state -> state.newOffsetSectors() != 0)
                .map(state -> dataOffsetSectors + state.newOffsetSectors() + " sectors");
    }
}

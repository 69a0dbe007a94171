package io.mdfuse.cli;

import java.util.List;

/**
 * A mounted array of which a reshape is in progress, in the terms of {@code mdadm --detail}: the shape is that before
 * the reshape, except the number of slots, and a line names each property that changes. mdadm --examine has other
 * lines: {@link ReshapeText}.
 */
record ReshapeLines(ArrayView array) {
    void add(List<String> lines) {
        if (array.text("reshape").isEmpty()) {
            return;
        }
        long slots = array.slots();
        long before = array.numberOr(array.before("raid_disks"), slots);
        if (before != slots) {
            LabelledLines.add(lines, "Delta Devices", slots - before + ", (" + before + "->" + slots + ")");
        }
        String newLevel = array.text("new_level");
        boolean otherLevel = !newLevel.isEmpty() && !newLevel.equals(array.text("level"));
        if (otherLevel) {
            LabelledLines.add(lines, "New Level", newLevel);
        }
        boolean namesLayout = !newLevel.equals("raid4");
        if (namesLayout && (otherLevel || !array.text(array.before("layout")).equals(array.text("layout")))) {
            LabelledLines.add(lines, "New Layout", array.text("layout"));
        }
        if (!array.text(array.before("chunk_size")).equals(array.text("chunk_size"))) {
            LabelledLines.add(lines, "New Chunksize", array.numberOr("chunk_size", 0) / 1024 + "K");
        }
        lines.add("");
    }
}

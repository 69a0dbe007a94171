package io.mdfuse.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What {@code detail --brief} prints: the array's line for mdadm.conf, as {@code mdadm --detail --brief} prints it. */
record DetailBrief(Path file, ArrayView array) {
    /** @param verbose with the level, the number of devices, and their names in a second line */
    List<String> lines(boolean verbose) {
        StringBuilder line = new StringBuilder("ARRAY ").append(file);
        if (verbose) {
            line.append(" level=").append(array.text("level"));
            line.append(" num-devices=").append(array.slots());
        }
        line.append(" metadata=").append(array.text("metadata_version"));
        if (array.spareDevices() > 0) {
            line.append(" spares=").append(array.spareDevices());
        }
        if (!array.text("name").isEmpty()) {
            line.append(" name=").append(array.text("name"));
        }
        line.append(" UUID=").append(array.text("uuid"));
        List<String> lines = new ArrayList<>(List.of(line.toString()));
        if (verbose) {
            List<String> names =
                    array.devices().stream().map(ArrayDevice::name).sorted().toList();
            lines.add("   devices=" + String.join(",", names));
        }
        return lines;
    }
}

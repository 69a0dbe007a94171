package io.mdfuse.cli;

import io.mdfuse.raid.create.CreateOptions;
import io.mdfuse.raid.create.CreatedArray;
import java.util.List;
import java.util.stream.Collectors;

/** The line that {@code create} prints about the array that it made. */
final class CreatedLine {
    private CreatedLine() {}

    static String of(CreatedArray array, CreateOptions options) {
        List<Integer> missing = array.missingSlots();
        int disks = options.shape().raidDisks();
        StringBuilder line =
                new StringBuilder("array ").append(options.identity().setName());
        line.append(" (").append(array.setUuidText()).append(") made: RAID-");
        line.append(options.shape().level());
        line.append(", ");
        line.append(missing.isEmpty() ? disks + " members" : disks - missing.size() + " of " + disks + " members");
        if (array.spares() > 0) {
            line.append(", ").append(array.spares()).append(array.spares() == 1 ? " spare" : " spares");
        }
        line.append(", volume of ").append(SizeConverter.format(array.arraySectors() * 512));
        if (array.logSectors() > 0) {
            line.append(", journal of ").append(SizeConverter.format(array.logSectors() * 512));
        }
        if (!missing.isEmpty()) {
            int left = options.shape().parityDisks() - missing.size();
            line.append("; without ").append(slots(missing));
            line.append(left > 0 ? " one more member may fail" : " no member may fail");
        }
        if (!array.rebuiltSlots().isEmpty()) {
            line.append("; the first mount rebuilds ").append(slots(array.rebuiltSlots()));
        }
        line.append(array.resyncNeeded() ? "; the first mount computes its parity" : "");
        return line.toString();
    }

    private static String slots(List<Integer> slots) {
        return (slots.size() == 1 ? "slot " : "slots ")
                + slots.stream().map(String::valueOf).collect(Collectors.joining(" and "));
    }
}

package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.FoundDevice;
import java.util.ArrayList;
import java.util.List;

/** Lines for the user about superblock flags that Synology's md sets and the md of kernel.org does not know. */
final class SynologyFlags {
    private SynologyFlags() {}

    static List<String> messages(Assembly assembly) {
        List<String> lines = new ArrayList<>();
        for (FoundDevice member : assembly.slots()) {
            if (member != null
                    && assembly.reference().hasDiskError(member.superblock().deviceNumber())) {
                lines.add(member.name()
                        + ": has Synology's mark for a read error while nothing could replace what it held; it is"
                        + " used as the member in sync that it is, and what it can't give now is solved or an error");
            }
        }
        if (assembly.reference().leftInUse()) {
            lines.add("the array was in use and not stopped (Synology's mark; parity was right"
                    + " before): parity may not fit"
                    + " where writes were under way"
                    + (assembly.missingSlots().isEmpty() ? "" : ", and what is solved there may be old"));
        }
        return lines;
    }
}

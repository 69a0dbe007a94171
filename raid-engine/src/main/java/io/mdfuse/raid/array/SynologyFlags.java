package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.FoundDevice;
import java.util.ArrayList;
import java.util.List;

/** Lines for the user about superblock flags that Synology's md sets and the md of kernel.org does not know. */
final class SynologyFlags {
    private SynologyFlags() {}

    static List<String> messages(Assembly assembly) {
        List<String> lines = new ArrayList<>(diskErrors(assembly));
        if (assembly.reference().leftInUse()) {
            lines.add("the array was in use and not stopped (Synology's mark; before that its parity was correct):"
                    + " parity may be wrong where writes were in progress"
                    + (assembly.missingSlots().isEmpty() ? "" : ", and what is solved there may be old"));
        }
        return lines;
    }

    /** The members that have the mark of a read error, one line each. */
    static List<String> diskErrors(Assembly assembly) {
        List<String> lines = new ArrayList<>();
        for (FoundDevice member : assembly.slots()) {
            if (member != null
                    && assembly.reference().hasDiskError(member.superblock().deviceNumber())) {
                lines.add(member.name()
                        + ": has Synology's mark: it had a read error when no redundancy could replace the block; it"
                        + " is used as a member in sync, and a block that it can't read is solved or an I/O error");
            }
        }
        return lines;
    }
}

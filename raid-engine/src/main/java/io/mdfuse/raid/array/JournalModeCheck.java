package io.mdfuse.raid.array;

import io.mdfuse.device.Access;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.AssemblyRules;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.JournalMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Whether an array can have the journal mode that the user wants, asked before it is opened: opening writes, and a
 * refusal must not.
 */
public final class JournalModeCheck {
    private JournalModeCheck() {}

    /**
     * Looks at the superblocks alone.
     *
     * @throws ArrayRefusedException if the array can't have that mode as it would be opened
     */
    public static void require(List<Path> paths, AssembleOptions options, JournalMode mode) throws IOException {
        try (OpenDevices devices = OpenDevices.open(paths, Access.READ_ONLY, false)) {
            List<FoundDevice> found = UnusableDevices.find(devices.list(), options);
            Assembly assembly = AssemblyRules.assemble(found);
            boolean keepsJournal = assembly.journal() != null && !options.dropJournal();
            if (!keepsJournal && options.addJournal() == null) {
                throw new ArrayRefusedException(
                        Reason.UNSUPPORTED, "the array has no journal, so it has no --journal-mode: leave that out");
            }
            // --force may take members back.
            if (mode == JournalMode.WRITE_BACK
                    && !options.force()
                    && !assembly.missingSlots().isEmpty()) {
                throw new ArrayRefusedException(
                        Reason.UNSUPPORTED,
                        "write-back needs all members; this array is degraded (slots " + assembly.missingSlots()
                                + "): leave --journal-mode out, and set it when the array is whole");
            }
        }
    }
}

package io.mdfuse.raid.array;

import io.mdfuse.device.Access;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.AssemblyRules;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.JournalMode;
import java.io.IOException;
import java.util.List;

/**
 * Checks before the opening whether an array can have the journal mode that the user asks for. The opening would be too
 * late for a refusal, because the opening writes.
 */
public final class JournalModeCheck {
    private JournalModeCheck() {}

    /**
     * Reads the superblocks only. The devices are closed again when this returns.
     *
     * @throws ArrayRefusedException if the array, opened with these options, can't have that mode
     */
    public static void require(List<DeviceSpec> specs, AssembleOptions options, JournalMode mode) throws IOException {
        try (OpenDevices devices = OpenDevices.open(specs, Access.READ_ONLY, false)) {
            List<FoundDevice> found = UnusableDevices.find(devices.list(), options);
            Assembly assembly = new AssemblyPolicy(AssemblyRules.assemble(found), options).withMembersTakenBack();
            boolean keepsJournal = assembly.journal() != null && !options.dropJournal();
            if (!keepsJournal && options.addJournal() == null) {
                throw new ArrayRefusedException(
                        Reason.UNSUPPORTED, "the array has no journal, so it has no --journal-mode: leave that out");
            }
            if (mode == JournalMode.WRITE_BACK && !assembly.missingSlots().isEmpty()) {
                throw new ArrayRefusedException(
                        Reason.UNSUPPORTED,
                        "write-back needs all members; this array is degraded (slots " + assembly.missingSlots()
                                + "): leave --journal-mode out, and set it when the array is whole");
            }
        }
    }
}

package io.mdfuse.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares all stripes of a mounted array, and repairs mismatches. */
@Command(
        name = "repair",
        header = "Does what check does, and repairs what does not match.",
        description = {
            "RAID-6: the block that does not fit all others is located, and that alone is rewritten.",
            "RAID-4, RAID-5, and RAID-6 with one member missing: one parity can't show which is"
                    + " wrong; parity is computed again from the data.",
            "Before it begins, RAID-6: if one device does not fit nearly everywhere, nothing is repaired, because then"
                    + " the parity may be wrong and not the device. The message says what to do.",
            "The array stays in use, and its users come first. Interrupting this command leaves the repair running."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  mdfuse repair /mnt/array", "  mdfuse repair --keep-data /mnt/array"},
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:all fits now", "1:something does not, or it could not be repaired"})
final class RepairCommand extends ScrubCommand {
    @ArgGroup(exclusive = true)
    private @Nullable Manner manner;

    /** At most one of these. */
    static final class Manner {
        @Option(
                names = "--force",
                description =
                        "RAID-6: if more than one block of a stripe is wrong, compute its parity again from the data."
                                + " It can't be found out after that which data was correct. Repair also if one device"
                                + " does not fit nearly everywhere.")
        private boolean force;

        @Option(
                names = "--keep-data",
                description = "Change no data: wherever parity does not fit, compute it again from the data, as md's"
                        + " repair does. For an array that was created with --assume-clean over old content.")
        private boolean keepData;

        String action() {
            return force ? "repair-force" : keepData ? "repair-parity" : "repair";
        }
    }

    @Override
    String action() {
        Manner chosen = manner;
        return chosen == null ? "repair" : chosen.action();
    }

    @Override
    String countThatMustBeZero() {
        return "mismatch_unrepaired";
    }
}

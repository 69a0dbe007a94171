package io.mdfuse.cli;

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
            "The array stays in use, and its users come first. Interrupting this command leaves the repair running."
        },
        footerHeading = "%nExample:%n",
        footer = "  mdfuse repair /mnt/array",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:all fits now", "1:something does not, or it could not be repaired"})
final class RepairCommand extends ScrubCommand {
    @Option(
            names = "--force",
            description =
                    "RAID-6: if more than one block of a stripe is wrong, compute its parity again from the data. It"
                            + " can't be found out after that which data was correct.")
    private boolean force;

    @Override
    String action() {
        return force ? "repair-force" : "repair";
    }

    @Override
    String countThatMustBeZero() {
        return "mismatch_unrepaired";
    }
}

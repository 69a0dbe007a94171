package io.mdfuse.cli;

import picocli.CommandLine.Command;

/** Compares all stripes of a mounted array. */
@Command(
        name = "check",
        header = "Reads all of a mounted array, and counts where data and parity do not match.",
        description = {
            "Nothing is changed but blocks that a device can't read: those are rewritten from the others.",
            "The array stays in use, and its users come first. Interrupting this command leaves the check running.",
            "A read-only mount is compared as it is, and not a byte is written.",
            "A RAID-6 with one member missing is compared by the parity that is left."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  mdfuse check /mnt/array", "  mdfuse check --stop /mnt/array"},
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:all fits", "1:something does not, or it could not be checked"})
final class CheckCommand extends ScrubCommand {
    @Override
    String action() {
        return "check";
    }

    @Override
    String countThatMustBeZero() {
        return "mismatch_cnt";
    }
}

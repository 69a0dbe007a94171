package io.mdfuse.cli;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.spec.SpecifiedDevice;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.xray.JournalXray;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mdfuse journal}: shows what a write journal holds. It never writes, and takes no lock. */
@Command(
        name = "journal",
        mixinStandardHelpOptions = true,
        header = "Shows what a write journal holds, draws its ring, and says what a recovery would do.",
        description = {
            "Only reads, and needs no other device of the array: what is said of a recovery holds if all members are"
                    + " there. A journal that is in use changes while it is read.",
            "Sectors of the ring are 512 bytes and count from its start; a page and a meta block are 8 sectors."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  mdfuse journal j.img", "  mdfuse journal --blocks j.img | less", "  mdfuse journal --json j.img"})
final class JournalCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--blocks", description = "first list every meta block, with the place of each of its pages")
    private boolean blocks;

    @Option(names = "--json", description = "one JSON object, with numbers as numbers")
    private boolean json;

    @Parameters(paramLabel = "DEV", description = "the journal: an image file, a device, or a part of one")
    private @Nullable DeviceSpec device;

    @Override
    public Integer call() throws IOException {
        DeviceSpec given = Objects.requireNonNull(device);
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        try (BlockDevice open = SpecifiedDevice.over(given, PeekDevice.open(given))) {
            FoundDevice found = MemberLocator.require(open);
            boolean lists = blocks && !json;
            JournalReport report = new JournalReport(found, new JournalXray(found, line -> {
                if (lists) {
                    out.println(line);
                }
            }));
            if (json) {
                JsonOutput.print(out, report::write);
            } else {
                report.print(out);
            }
            out.flush();
            return 0;
        }
    }
}

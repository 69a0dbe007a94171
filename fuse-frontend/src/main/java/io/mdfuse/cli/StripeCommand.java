package io.mdfuse.cli;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.spec.SpecifiedDevice;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.xray.StripeXray;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mdfuse stripe}: shows one stripe as the devices hold it. It never writes, and takes no lock. */
@Command(
        name = "stripe",
        mixinStandardHelpOptions = true,
        header = "Shows one stripe: which device holds what and where, and whether P and Q fit the data.",
        description = {
            "The blocks are shown as they are on the devices; those that the journal has too are named. A device that"
                    + " was not given, or that does not count any more, is shown as missing."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  mdfuse stripe a.img b.img c.img d.img j.img 0",
            "  mdfuse stripe a.img b.img d.img 1M",
            "  mdfuse stripe --json sd{a,b,c}.dd@5 81920"
        })
final class StripeCommand implements Callable<Integer> {
    private static final String OFFSET =
            "a byte of the volume: the stripe that holds it is shown; 64K, 1M and so on are understood";

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "one JSON object, with numbers as numbers")
    private boolean json;

    @Parameters(
            paramLabel = "DEV... OFFSET",
            arity = "2..*",
            description = {"the members and the journal; then " + OFFSET})
    private List<String> arguments = List.of();

    @Override
    public Integer call() throws IOException {
        CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
        long offset = offset(commandLine);
        List<BlockDevice> open = new ArrayList<>();
        try {
            List<FoundDevice> found = new ArrayList<>();
            for (String argument : arguments.subList(0, arguments.size() - 1)) {
                DeviceSpec device = new DeviceSpecConverter().convert(argument);
                open.add(SpecifiedDevice.over(device, PeekDevice.open(device)));
                found.add(MemberLocator.requireForReading(open.getLast()));
            }
            show(new StripeReport(StripeXray.of(found, offset)), commandLine.getOut());
            return 0;
        } finally {
            for (BlockDevice device : open) {
                device.close();
            }
        }
    }

    private long offset(CommandLine commandLine) {
        String text = arguments.getLast();
        try {
            return text.equals("0") ? 0 : SizeConverter.parse(text);
        } catch (CommandLine.TypeConversionException e) {
            throw new ParameterException(
                    commandLine, "the last argument is " + OFFSET + "; not " + text + ": " + e.getMessage());
        }
    }

    private void show(StripeReport report, PrintWriter out) throws IOException {
        if (json) {
            JsonOutput.print(out, report::write);
        } else {
            report.print(out);
        }
        out.flush();
    }
}

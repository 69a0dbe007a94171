package io.mdfuse.cli;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.lost.LostArrayCandidate;
import io.mdfuse.raid.lost.LostArrayFinder;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.spec.SpecifiedDevice;
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

/** {@code mdfuse recover}: finds the shape of an array whose superblocks are lost or wrong. It never writes. */
@Command(
        name = "recover",
        mixinStandardHelpOptions = true,
        header = "Finds level, order, chunk, layout and data offset of an array whose superblocks are lost or wrong.",
        description = {
            "Reads all of each device and writes nothing. Blocks of an ext4, XFS or btrfs that say where they belong,"
                    + " and parity, decide; without such a file system, parity and the look of the blocks. Each"
                    + " candidate has the command that mounts it read-only. One device may"
                    + " be missing, two of RAID-6. The order in which the devices are given does not matter."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  mdfuse recover a.img b.img d.img", "  mdfuse recover --json /dev/sd[b-e]3"})
final class RecoverCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "one JSON object")
    private boolean json;

    @Parameters(paramLabel = "DEV", arity = "1..*", description = "image files, devices, or parts of them")
    private List<DeviceSpec> devices = List.of();

    @Override
    public Integer call() throws IOException {
        CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
        if (devices.size() < 2 || devices.size() > LostArrayFinder.MAX_DEVICES) {
            throw new ParameterException(
                    commandLine,
                    "recover takes 2 to " + LostArrayFinder.MAX_DEVICES + " devices of one array, not "
                            + devices.size());
        }
        DevicePath.requireDifferent(devices);
        List<BlockDevice> open = new ArrayList<>();
        try {
            for (DeviceSpec device : devices) {
                open.add(SpecifiedDevice.over(device, PeekDevice.open(device)));
            }
            ReadProgress progress = new ReadProgress(commandLine.getErr());
            List<LostArrayCandidate> candidates = LostArrayFinder.find(open, progress::show);
            progress.end();
            RecoverReport report = new RecoverReport(candidates, SuperblockClaims.of(open));
            PrintWriter out = commandLine.getOut();
            if (json) {
                out.println(report.toJson());
            } else {
                report.lines().forEach(out::println);
            }
            out.flush();
            if (candidates.isEmpty()) {
                throw new IOException(report.nothingFound());
            }
            return 0;
        } finally {
            for (BlockDevice device : open) {
                device.close();
            }
        }
    }
}

package io.mdfuse.cli;

import io.mdfuse.raid.array.AssembleOptions;
import io.mdfuse.raid.array.DeviceState;
import io.mdfuse.raid.array.RaidArray;
import io.mdfuse.raid.array.Volume;
import io.mdfuse.raid.array.inside.InnerVolume;
import io.mdfuse.raid.array.inside.InnerVolumes;
import io.mdfuse.raid.geometry.StripeOrder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mdfuse export}: copies the content of an array to a file, without FUSE. The devices are only read. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Copies the content of an array to a file, without a mount; the devices are only read.",
        description = {
            "%nDEVICE... or DIRECTORY name the array as for mount. The file is sparse. If the copy is interrupted,"
                    + " the same command goes on; what it has is in FILE.map, in the form of GNU ddrescue's maps."
                    + " What can't be read is left as zeros, the map has it as bad sectors, and the status is 1."
                    + " At the end the sha256 of the content is printed.%n",
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:all of it was copied", "1:refused, failed, or parts of it can't be read; a line says what"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  mdfuse export --output tank.img a.img b.img c.img",
            "  mdfuse export --output tank.img --run sda.dd sdc.dd,map=sdc.map",
            "  mdfuse export --output - --map tank.map images/ | zstd > tank.zst",
            "  mdfuse export --volume vg1-volume_1 --output volume_1.img disks/",
        })
final class ExportCommand implements Callable<Integer>, Outcome {
    /** How many requests an array must be able to serve at once. */
    private static final int REQUESTS = 2;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE|-",
            description = "The file to make or to go on with; - is standard output.")
    private String output = "";

    @Option(
            names = "--map",
            paramLabel = "FILE",
            description = "Where the map goes: what was read and what could not be, as GNU ddrescue writes it. This one"
                    + " stays when all was read; without --map it is FILE.map, and removed then.")
    private @Nullable Path mapFile;

    @Option(names = "--force", description = "As for mount, in memory alone: take back members that fell out.")
    private boolean force;

    @Option(names = "--run", description = "Go on although a device that should be there was not given.")
    private boolean run;

    @Option(names = "--ignore-bad-block-lists", description = "Take every block for readable.")
    private boolean ignoreBadBlockLists;

    @Option(
            names = "--raid0-layout",
            paramLabel = "LAYOUT",
            converter = StripeOrderConverter.class,
            description = StripeOrderConverter.HELP)
    private @Nullable StripeOrder stripeOrder;

    @Option(names = "--direct", description = "Read around the host's page cache (O_DIRECT).")
    private boolean direct;

    @Option(names = "--search", paramLabel = "DIRECTORY", description = "Where to look for the array's UUID or name.")
    private @Nullable Path searched;

    @Option(names = "--name", paramLabel = "NAME", description = "Which array, if there are several.")
    private @Nullable String arrayName;

    @Option(
            names = "--volume",
            paramLabel = "NAME",
            description = "A volume inside, by the name that its file has with mount --volumes, such as tank-part1 or"
                    + " vg0-home.")
    private @Nullable String volumeName;

    @Parameters(arity = "1..*", paramLabel = "DEVICE", description = "See above.")
    private List<String> names = new ArrayList<>();

    private String outcome = "";

    @Override
    public String outcome() {
        return outcome;
    }

    @Override
    public Integer call() throws IOException {
        CommandSpec command = Objects.requireNonNull(spec);
        PrintWriter err = command.commandLine().getErr();
        AssembleOptions options = AssembleOptions.defaults()
                .withReadOnly(true)
                .withForce(force)
                .withRun(run)
                .withDirect(direct)
                .withIgnoreBadBlockLists(ignoreBadBlockLists)
                .withStripeOrder(stripeOrder);
        ArrayChoice choice = new ArrayChoice(names, searched, arrayName);
        if (volumeName != null) {
            return exportInner(new ArraysToServe(choice, options, REQUESTS, null), volumeName, err);
        }
        ArraySource source = new ArraySource(choice, null, options, REQUESTS);
        RaidArray array = source.open();
        try {
            requireJournal(array);
            source.notes().forEach(err::println);
            array.startMessages().forEach(err::println);
            err.flush();
            return export(array, identity(array), err);
        } finally {
            source.close(array);
        }
    }

    /** A mount for looking goes on without the journal; a copy that is taken for the whole content does not. */
    private void requireJournal(RaidArray array) throws IOException {
        ArrayView view = new ArrayView(array.attributes());
        if (view.text("consistency_policy").equals("journal")
                && view.count(DeviceState.JOURNAL) == 0
                && !run
                && !force) {
            throw new IOException(
                    "the array's journal was not given, and it may hold the newest writes: give it too, or"
                            + " say --run for a copy without them");
        }
    }

    /** The volume may lie on several arrays: all that are found are opened. */
    private int exportInner(ArraysToServe wanted, String name, PrintWriter err) throws IOException {
        OpenedArrays arrays = OpenedArrays.open(wanted, source -> source);
        try {
            for (RaidArray array : arrays.arrays()) {
                requireJournal(array);
            }
            InnerVolumes found = InnerVolumes.of(arrays.arrays());
            List<InnerVolume> all = Stream.concat(found.arrays().stream(), found.inside().stream())
                    .toList();
            Volume volume = all.stream()
                    .filter(each -> each.fileName().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IOException("there is no volume " + name + "; there are: "
                            + all.stream().map(InnerVolume::fileName).collect(Collectors.joining(", "))))
                    .volume();
            arrays.startMessages().forEach(err::println);
            found.lines().forEach(err::println);
            err.flush();
            String identity = "volume " + name + ", " + volume.sizeBytes() + " bytes, of "
                    + arrays.arrays().stream().map(ExportCommand::identity).collect(Collectors.joining(", "));
            return export(volume, identity, err);
        } finally {
            arrays.close();
        }
    }

    private static String identity(RaidArray array) {
        Map<String, String> attributes = array.attributes();
        return "array " + attributes.get("uuid") + ", " + array.sizeBytes() + " bytes, event "
                + attributes.get("events");
    }

    private int export(Volume array, String identity, PrintWriter err) throws IOException {
        PrintWriter result = output.equals("-")
                ? err
                : Objects.requireNonNull(spec).commandLine().getOut();
        try (ExportTarget target = target(array, identity)) {
            VolumeExport export = new VolumeExport(array, target, new ExportProgress(err, array.sizeBytes()));
            String digest = export.run();
            outcome = array.sizeBytes() + " bytes are in " + output;
            result.println(digest + "  " + output);
            result.flush();
            if (export.unreadableBytes() == 0) {
                return 0;
            }
            Path map = map();
            String where = map == null ? "" : "; " + map + " has their places";
            throw new IOException(export.unreadableBytes() + " of " + array.sizeBytes()
                    + " bytes can't be read, and are zeros in the copy" + where);
        }
    }

    private ExportTarget target(Volume array, String identity) throws IOException {
        Path map = map();
        return output.equals("-") || map == null
                ? new ExportStream(map, identity)
                : ExportFile.open(
                        Path.of(output), new ExportFile.MapFile(map, mapFile != null), identity, array.sizeBytes());
    }

    /** The map; null for standard output without {@code --map}. */
    private @Nullable Path map() {
        return mapFile != null || output.equals("-") ? mapFile : Path.of(output + ".map");
    }
}

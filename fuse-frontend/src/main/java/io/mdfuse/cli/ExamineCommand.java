package io.mdfuse.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.array.DeviceSearch;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.spec.SpecifiedDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.BadBlockLog;
import io.mdfuse.raid.superblock.BadRange;
import io.mdfuse.raid.superblock.DamagedSuperblock;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Metadata090;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.OverlongImage;
import io.mdfuse.raid.superblock.PartitionedDisk;
import io.mdfuse.raid.superblock.Superblock090;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mdfuse examine}: prints the superblocks of devices. It never writes, and takes no lock. */
@Command(
        name = "examine",
        mixinStandardHelpOptions = true,
        header = "Shows the md superblock of each device, in the terms of mdadm --examine.",
        description = {
            DeviceSpecConverter.HELP,
            "A whole disk with a partition table is shown with what its partitions hold; the status"
                    + " is 0 if one of them is a member of an array. What has no md superblock is named in one line,"
                    + " with status 1; so is a superblock whose checksum is wrong, and what it says is shown.",
            "Of a directory, the arrays are listed of which it holds devices. With --map the devices themselves are"
                    + " shown."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  mdfuse examine a.img b.img",
            "  mdfuse examine disk1.dd",
            "  mdfuse examine disk1.dd@5",
            "  mdfuse examine images/",
            "  mdfuse examine --json /dev/sda1",
            "  mdfuse examine --bitmap a.img",
            "  mdfuse examine --badblocks a.img",
            "  mdfuse examine --map a.img b.img c.img j.img",
            "  mdfuse examine --export a.img",
            "  mdfuse examine --scan images/"
        })
final class ExamineCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--bitmap",
            description =
                    "the write-intent bitmap instead, in the words of mdadm --examine-bitmap; of a lockless bitmap"
                            + " how many chunks are in each state")
    private boolean bitmap;

    @Option(names = "--json", description = "one JSON array with an object for each device")
    private boolean json;

    @Option(
            names = "--badblocks",
            description = "the list of bad blocks of each device, in the words of mdadm --examine-badblocks")
    private boolean badBlocks;

    @Option(
            names = "--map",
            description = "a drawing instead: which member holds which chunk of the volume, P and Q, in the first rows"
                    + " of the array; and where superblock, bitmap, journal and data are on each device")
    private boolean map;

    @Option(
            names = {"-b", "--brief"},
            description = "one line for each array, as mdadm --examine --brief prints it for mdadm.conf")
    private boolean brief;

    @Option(
            names = {"-Y", "--export"},
            description = "lines KEY=VALUE for each device, as mdadm --examine --export")
    private boolean export;

    @Option(
            names = {"-s", "--scan"},
            description = "as --brief, for all members among the devices and in the directories; what is no member is"
                    + " left out")
    private boolean scan;

    @Option(
            names = {"-v", "--verbose"},
            description = "with --brief and --scan: the level and the devices too")
    private boolean verbose;

    @Parameters(paramLabel = "DEV", arity = "1..*", description = "image files, devices, parts of them, or a directory")
    private List<DeviceSpec> devices = List.of();

    @Override
    public Integer call() throws IOException {
        CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
        PrintWriter out = commandLine.getOut();
        List<IOException> failures = new ArrayList<>();
        if (map) {
            MapReport arrays = new MapReport();
            map(arrays, failures);
            print(arrays, out);
        } else if (json) {
            JsonOutput.print(out, generator -> {
                generator.writeStartArray();
                examine(
                        found -> print(found, generator),
                        report -> report.write(generator),
                        arrays -> arrays.write(generator),
                        failures);
                generator.writeEndArray();
            });
        } else if (scan) {
            BriefReport arrays = new BriefReport(verbose);
            for (DeviceSpec device : devices) {
                DeviceSearch.forEachMember(device, arrays::add, failures::add);
            }
            arrays.print(out);
        } else if (export) {
            examine(
                    found -> ExportReport.print(found, out),
                    report -> report.print(out),
                    found -> found.print(out),
                    failures);
        } else if (brief) {
            BriefReport arrays = new BriefReport(verbose);
            examine(arrays::add, report -> report.print(out), found -> found.print(out), failures);
            arrays.print(out);
        } else {
            examine(found -> print(found, out), report -> report.print(out), found -> found.print(out), failures);
        }
        out.flush();
        for (IOException failure : failures) {
            ErrorLines.say(commandLine, failure);
        }
        return failures.isEmpty() ? 0 : 1;
    }

    private void map(MapReport arrays, List<IOException> failures) {
        for (DeviceSpec device : devices) {
            try {
                if (device.file().filter(Files::isDirectory).isPresent()) {
                    List<String> members = new ArrayList<>();
                    DeviceSearch.forEachMember(device, (name, _) -> members.add(name), failures::add);
                    for (String member : members) {
                        map(DeviceSpec.parse(member), arrays);
                    }
                } else {
                    map(device, arrays);
                }
            } catch (IOException e) {
                failures.add(e);
            }
        }
    }

    /** Adds a device or, if it is a whole disk, those of its partitions that are members. */
    private void map(DeviceSpec device, MapReport arrays) throws IOException {
        List<Integer> partitions = new ArrayList<>();
        examine(
                device,
                arrays::add,
                report -> report.disk()
                        .members()
                        .forEach(entry -> partitions.add(entry.partition().number())));
        for (int number : partitions) {
            examine(device.partition(number), arrays::add, _ -> {});
        }
    }

    private void print(MapReport arrays, PrintWriter out) throws IOException {
        if (!json) {
            arrays.print(out);
            return;
        }
        JsonOutput.print(out, generator -> {
            generator.writeStartArray();
            arrays.write(generator);
            generator.writeEndArray();
        });
    }

    /** What the command does with each device. */
    private interface Printer<T> {
        void print(T shown) throws IOException;
    }

    /** A device that cannot be shown does not keep the others from being shown. */
    private void examine(
            Printer<FoundDevice> members,
            Printer<PartitionReport> disks,
            Printer<ArraysReport> searched,
            List<IOException> failures) {
        for (DeviceSpec spec : devices) {
            try {
                Optional<Path> directory = spec.file().filter(Files::isDirectory);
                if (directory.isPresent()) {
                    searched.print(ArraysReport.of(directory.get()));
                } else {
                    examine(spec, members, disks);
                }
            } catch (IOException e) {
                failures.add(e);
            }
        }
    }

    private void examine(DeviceSpec spec, Printer<FoundDevice> members, Printer<PartitionReport> disks)
            throws IOException {
        try (BlockDevice device = SpecifiedDevice.over(spec, PeekDevice.open(spec))) {
            Optional<FoundDevice> overlong = MemberLocator.findOverlong(device);
            if (overlong.isPresent()) {
                long diskBytes = overlong.get().device().sizeBytes();
                note(device.name() + ": " + OverlongImage.words(device, diskBytes));
                members.print(overlong.get());
            } else {
                examine(device, members, disks);
            }
        }
    }

    private void examine(BlockDevice device, Printer<FoundDevice> members, Printer<PartitionReport> disks)
            throws IOException {
        FoundDevice found;
        try {
            found = MemberLocator.require(device);
        } catch (ArrayRefusedException e) {
            Optional<PartitionedDisk> disk = bitmap || badBlocks ? Optional.empty() : partitions(device, e);
            if (e.reason() == Reason.CORRUPT && !bitmap && !badBlocks) {
                showDamaged(device, members);
            }
            if (disk.isPresent()) {
                disks.print(new PartitionReport(device.name(), disk.get()));
            }
            if (disk.isEmpty() || disk.get().members().isEmpty()) {
                throw e;
            }
            return;
        }
        members.print(found);
    }

    /** The content of a superblock with a wrong checksum: it is printed, and the device is refused nevertheless. */
    private static void showDamaged(BlockDevice device, Printer<FoundDevice> members) throws IOException {
        Optional<FoundDevice> damaged = DamagedSuperblock.find(device);
        if (damaged.isPresent()) {
            members.print(damaged.get());
        }
    }

    /** The partition table of a device that has no superblock; empty if it has no table either. */
    private static Optional<PartitionedDisk> partitions(BlockDevice device, ArrayRefusedException refusal)
            throws IOException {
        return refusal.reason() == Reason.MISSING ? PartitionedDisk.of(device) : Optional.empty();
    }

    private void note(String words) {
        ErrorLines.say(Objects.requireNonNull(spec).commandLine(), new IOException(words));
    }

    private void print(FoundDevice found, JsonGenerator generator) throws IOException {
        if (bitmap) {
            BitmapReport.of(found).write(generator);
            return;
        }
        Superblock090 old = in090(found);
        if (old != null) {
            Superblock090Json.write(found.name(), old, found.superblock(), generator);
        } else {
            SuperblockJson.write(found, badBlocks(found), generator);
        }
    }

    /** The bad blocks on the device's own list; nothing is printed if it has no list. */
    private static List<BadRange> badBlocks(FoundDevice found) throws IOException {
        return BadBlockLog.of(found).map(log -> log.badBlocks().ranges()).orElse(List.of());
    }

    /** The superblock in the terms of metadata 0.90, if it is of that version. */
    private static @Nullable Superblock090 in090(FoundDevice found) throws IOException {
        if (found.superblock().metadataVersion() != MetadataVersion.V0_90) {
            return null;
        }
        Optional<Superblock090> damaged = DamagedSuperblock.find090(found.device());
        return damaged.isPresent()
                ? damaged.get()
                : Metadata090.find(found.device()).orElse(null);
    }

    private void print(FoundDevice found, PrintWriter out) throws IOException {
        if (bitmap) {
            BitmapReport.of(found).print(out);
            return;
        }
        if (badBlocks) {
            printBadBlocks(found, out);
            return;
        }
        out.println(found.name() + ":");
        Superblock090 old = in090(found);
        if (old != null) {
            new Superblock090Text(old, found.superblock().setUuidText(), out).print();
            return;
        }
        long deviceSectors = Sectors.floorFromBytes(found.device().sizeBytes());
        new SuperblockText(found.superblock(), deviceSectors, out).print();
    }

    private static void printBadBlocks(FoundDevice found, PrintWriter out) throws IOException {
        List<BadRange> ranges = badBlocks(found);
        if (found.superblock().badBlockLogSectors() == 0 || found.superblock().badBlockLogOffsetSectors() == 0) {
            out.println("No bad-blocks list configured on " + found.name());
        } else if (ranges.isEmpty()) {
            int empty = BadBlockLog.of(found).map(BadBlockLog::emptyEntries).orElse(0);
            out.println("Bad-blocks list is empty in " + found.name()
                    + (empty == 0 ? "" : " (" + empty + " entries of length 0)"));
        } else {
            out.println("Bad-blocks on " + found.name() + ":");
            ranges.forEach(range -> out.printf("%20d for %d sectors%n", range.sector(), range.sectors()));
        }
    }
}

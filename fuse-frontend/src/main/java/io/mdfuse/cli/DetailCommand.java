package io.mdfuse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the state of a mounted array. */
@Command(
        name = "detail",
        mixinStandardHelpOptions = true,
        header = "Shows the state of a mounted array, in the terms of mdadm --detail.",
        footerHeading = "%nExamples:%n",
        footer = {"  mdfuse detail /mnt/array", "  mdfuse detail --json /mnt/array"})
final class DetailCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "As one JSON object, its keys md's sysfs names.")
    private boolean json;

    @Parameters(paramLabel = "MOUNTPOINT", description = "Where the array is mounted.")
    private @Nullable Path mountPoint;

    @Override
    public Integer call() throws IOException {
        MountedVolume volume = MountedVolume.at(Objects.requireNonNull(mountPoint));
        Map<String, String> attributes = volume.attributes();
        attributes.put(DetailReport.FRONTEND, volume.frontend());
        DetailReport report = new DetailReport(volume.file(), Files.size(volume.file()), attributes);
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        out.println(json ? report.toJson() : report.toText());
        out.flush();
        return 0;
    }
}

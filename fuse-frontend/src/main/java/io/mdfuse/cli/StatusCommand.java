package io.mdfuse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the state of all arrays that are mounted, in the form of /proc/mdstat. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        header = "Shows all mounted arrays, in the form of /proc/mdstat.",
        description = {
            "Arrays that another user has mounted without -o allow_other can't be seen. An array that can't be asked"
                    + " is one line on standard error; the others are shown all the same, and the status is 1."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  mdfuse status", "  mdfuse status --json", "  mdfuse status --prometheus"})
final class StatusCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @ArgGroup
    private Form form = new Form();

    @Parameters(
            paramLabel = "MOUNTPOINT",
            arity = "0..*",
            description = "Only what is mounted there; without it, all that is mounted.")
    private List<Path> mountPoints = List.of();

    /** The forms of the output, of which one can be chosen. */
    private static final class Form {
        @Option(
                names = "--json",
                description = "As one JSON array with an object for each array; docs/json.md has its fields.")
        private boolean json;

        @Option(
                names = "--prometheus",
                description = "As metrics in Prometheus' text format; docs/guide/monitoring.md lists them.")
        private boolean prometheus;
    }

    @Override
    public Integer call() throws IOException {
        CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
        List<IOException> failures = new ArrayList<>();
        List<StatusEntry> arrays =
                mountPoints.isEmpty() ? StatusEntry.all(failures) : StatusEntry.at(mountPoints, failures);
        PrintWriter out = commandLine.getOut();
        if (form.json) {
            printJson(arrays, out);
        } else if (form.prometheus) {
            PrometheusText.lines(arrays).forEach(line -> out.print(line + "\n"));
        } else {
            out.println("Personalities : [linear] [raid0] [raid1] [raid10] [raid6] [raid5] [raid4] ");
            for (StatusEntry each : arrays) {
                new StatusReport(each.file(), each.sizeBytes(), each.view())
                        .lines()
                        .forEach(out::println);
            }
            out.println("unused devices: <none>");
        }
        out.flush();
        failures.forEach(failure -> ErrorLines.say(commandLine, failure));
        return failures.isEmpty() ? 0 : 1;
    }

    private static void printJson(List<StatusEntry> arrays, PrintWriter out) throws IOException {
        JsonOutput.print(out, generator -> {
            generator.writeStartArray();
            for (StatusEntry each : arrays) {
                new DetailJson(each.mountPoint(), each.file(), each.sizeBytes(), each.view()).write(generator);
            }
            generator.writeEndArray();
        });
    }
}

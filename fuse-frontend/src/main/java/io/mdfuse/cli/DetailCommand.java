package io.mdfuse.cli;

import io.mdfuse.fuse.MountException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the state of a mounted array. */
@Command(
        name = "detail",
        mixinStandardHelpOptions = true,
        header = "Shows the state of a mounted array, as mdadm --detail does.",
        description = {
            "The lines are those of mdadm --detail; below them, under the heading mdfuse, is what mdadm does not have.",
            "An image file has no device number: its columns Major and Minor are 0."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  mdfuse detail /mnt/array",
            "  mdfuse detail --json /mnt/array",
            "  mdfuse detail --export /mnt/array",
            "  mdfuse detail --brief --verbose /mnt/array",
            "  mdfuse detail --advice /mnt/array",
            "  mdfuse detail --test /mnt/array >/dev/null || echo something is wrong"
        })
final class DetailCommand implements Callable<Integer> {
    private static final int TEST_DEGRADED = 1;
    private static final int TEST_FAILED = 2;
    private static final int TEST_NOT_FOUND = 4;

    @Spec
    private @Nullable CommandSpec spec;

    @ArgGroup
    private Form form = new Form();

    @Option(
            names = {"-v", "--verbose"},
            description = "With --brief: the level and the devices too.")
    private boolean verbose;

    @Option(
            names = {"-t", "--test"},
            description = "Exit status as mdadm's: 0 all is well, 1 degraded, 2 failed, 4 no such array.")
    private boolean test;

    @Parameters(paramLabel = "MOUNTPOINT", description = "Where the array is mounted.")
    private @Nullable Path mountPoint;

    /** The forms of the output, of which one can be chosen. */
    private static final class Form {
        @Option(names = "--json", description = "As one JSON object; docs/json.md has its fields.")
        private boolean json;

        @Option(names = "--export", description = "As lines KEY=VALUE, as mdadm --detail --export.")
        private boolean export;

        @Option(
                names = {"-b", "--brief"},
                description = "As a line for mdadm.conf, as mdadm --detail --brief.")
        private boolean brief;

        @Option(
                names = "--advice",
                description = "The losetup, mkfs and pvcreate lines for something new on the array.")
        private boolean advice;
    }

    @Override
    public Integer call() throws IOException {
        MountedVolume volume;
        Map<String, String> attributes;
        try {
            volume = MountedVolume.at(Objects.requireNonNull(mountPoint));
            attributes = volume.attributes();
        } catch (MountException e) {
            if (!test) {
                throw e;
            }
            ErrorLines.say(Objects.requireNonNull(spec).commandLine(), e);
            return TEST_NOT_FOUND;
        }
        attributes.put(OwnLines.FRONTEND, volume.frontend());
        ArrayView array = new ArrayView(attributes);
        print(volume, array, Objects.requireNonNull(spec).commandLine().getOut());
        return test ? testStatus(array) : 0;
    }

    private void print(MountedVolume volume, ArrayView array, PrintWriter out) throws IOException {
        Path file = volume.file();
        long sizeBytes = Files.size(file);
        if (form.json) {
            JsonOutput.print(out, new DetailJson(volume.mountPoint(), file, sizeBytes, array)::write);
        } else if (form.export) {
            new DetailExport(String.valueOf(file.getFileName()), array).lines().forEach(out::println);
        } else if (form.brief) {
            new DetailBrief(file, array).lines(verbose).forEach(out::println);
        } else if (form.advice) {
            if (array.readOnly() && array.text("overlay").isEmpty()) {
                throw new MountException(volume.mountPoint() + " is read-only: nothing new can be put on it; mount it"
                        + " without --read-only");
            }
            StackAdvice.of(array).lines(file).forEach(out::println);
        } else {
            out.println(new DetailReport(file, sizeBytes, array).toText());
        }
        out.flush();
    }

    private static int testStatus(ArrayView array) {
        if (array.hasFailed()) {
            return TEST_FAILED;
        }
        return array.degraded() > 0 ? TEST_DEGRADED : 0;
    }
}

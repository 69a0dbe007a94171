package io.mdfuse.cli;

import io.mdfuse.raid.spec.DeviceSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The verbs by which the members of a mounted array are managed, with md's names: one class for each verb, which differ
 * only in options and texts.
 */
final class MemberCommands {
    private MemberCommands() {}

    /** What all verbs have in common: they send their arguments to the serving process and print its answer. */
    private abstract static class Verb implements Callable<Integer>, Outcome {
        @Spec
        private @Nullable CommandSpec spec;

        @Parameters(index = "0", paramLabel = "MOUNTPOINT", description = "Where the array is mounted.")
        private @Nullable Path mountPoint;

        private final List<String> done = new ArrayList<>();

        @Override
        public String outcome() {
            return String.join("; ", done);
        }

        @Override
        public Integer call() throws IOException {
            MountedVolume volume = MountedVolume.at(Objects.requireNonNull(mountPoint));
            CommandSpec command = Objects.requireNonNull(spec);
            PrintWriter out = command.commandLine().getOut();
            for (List<String> words : commands()) {
                List<String> all = new ArrayList<>(List.of(command.name()));
                all.addAll(words);
                String result = volume.manage(all);
                done.add(result);
                out.println("mdfuse: " + result);
                out.flush();
            }
            return 0;
        }

        /** The arguments after the verb, one list for each command to send. */
        abstract List<List<String>> commands() throws IOException;
    }

    /** The verbs that do the same to each of several devices. */
    private abstract static class DevicesVerb extends Verb {
        @Parameters(index = "1..*", arity = "1..*", paramLabel = "DEVICE", description = "The devices.")
        private List<DeviceSpec> devices = new ArrayList<>();

        /** Whether {@code --force} was given. */
        boolean force() {
            return false;
        }

        @Override
        final List<List<String>> commands() throws IOException {
            DevicePath.requireDifferent(devices);
            return devices.stream()
                    .map(device -> words(force(), List.of(device)))
                    .toList();
        }
    }

    private static List<String> words(boolean force, List<DeviceSpec> devices) {
        List<String> words = new ArrayList<>(force ? List.of("--force") : List.of());
        devices.forEach(device -> words.add(DevicePath.absolute(device).text()));
        return words;
    }

    @Command(
            name = "fail",
            mixinStandardHelpOptions = true,
            header = "Marks members or spares of a mounted array as failed; a spare takes over.",
            footerHeading = "%nExample:%n",
            footer = "  mdfuse fail /mnt/array b.img")
    static final class Fail extends DevicesVerb {
        @Option(
                names = "--force",
                description = "Do so even if the array can't go on without it (nothing is written any more then,"
                        + " and the devices keep what"
                        + " they contain), or if blocks that other members list as bad would be lost.")
        private boolean force;

        @Override
        boolean force() {
            return force;
        }
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            header = "Removes failed devices and spares from a mounted array.",
            footerHeading = "%nExample:%n",
            footer = "  mdfuse remove /mnt/array b.img")
    static final class Remove extends DevicesVerb {}

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            header = "Adds devices to a mounted array: as members that are rebuilt if some are"
                    + " missing, as spares otherwise.",
            footerHeading = "%nExample:%n",
            footer = "  mdfuse add /mnt/array e.img f.img")
    static final class Add extends DevicesVerb {
        @Option(names = "--force", description = "Overwrite what the devices contain.")
        private boolean force;

        @Override
        boolean force() {
            return force;
        }
    }

    @Command(
            name = "re-add",
            mixinStandardHelpOptions = true,
            header = "Adds devices that were part of a mounted array before.",
            description = {
                "%nIf the array has a bitmap that knows what was written since a device left, only that is copied;"
                        + " otherwise it is refused, as mdadm does, and nothing is written to it:"
                        + " mdfuse add makes it a new"
                        + " member, and overwrites all of it.%n"
            },
            footerHeading = "%nExample:%n",
            footer = "  mdfuse re-add /mnt/array b.img")
    static final class ReAdd extends DevicesVerb {}

    @Command(
            name = "replace",
            mixinStandardHelpOptions = true,
            header = "Replaces a member by a spare; the member stays in use until the spare is rebuilt.",
            footerHeading = "%nExample:%n",
            footer = "  mdfuse replace /mnt/array b.img --with e.img")
    static final class Replace extends Verb {
        @Option(names = "--force", description = "Overwrite what the new device contains.")
        private boolean force;

        @Parameters(index = "1", paramLabel = "DEVICE", description = "The member.")
        private @Nullable DeviceSpec device;

        @Option(names = "--with", paramLabel = "DEVICE", description = "A spare, or a device that is added for this.")
        private @Nullable DeviceSpec with;

        @Override
        List<List<String>> commands() {
            List<DeviceSpec> devices = new ArrayList<>(List.of(Objects.requireNonNull(device)));
            if (with != null) {
                devices.add(with);
            }
            return List.of(words(force, devices));
        }
    }
}

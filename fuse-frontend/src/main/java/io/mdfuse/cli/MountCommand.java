package io.mdfuse.cli;

import io.mdfuse.fuse.MountOptions;
import io.mdfuse.fuse.MountSession;
import io.mdfuse.fuse.StandardStreams;
import io.mdfuse.fuse.VolumeServer;
import io.mdfuse.raid.array.AssembleOptions;
import io.mdfuse.raid.array.AssumedShape;
import io.mdfuse.raid.geometry.StripeOrder;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.JournalMode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
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
import picocli.CommandLine.TypeConversionException;

/** Opens an array and serves it as a file, in the background unless told otherwise. */
@Command(
        name = "mount",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Serves an array as one file in MOUNTPOINT; returns when the file can be used.",
        customSynopsis = {
            "mdfuse mount [OPTIONS] DEVICE... MOUNTPOINT",
            "       mdfuse mount [OPTIONS] DIRECTORY [--name NAME] MOUNTPOINT",
            "       mdfuse mount [OPTIONS] UUID|NAME --search DIRECTORY MOUNTPOINT",
        },
        description = {
            "%nDEVICE... are all members and the journal, in any order. DIRECTORY holds them. "
                    + DeviceSpecConverter.HELP
                    + " In a whole disk that is given plainly, and in those of a DIRECTORY, the members are"
                    + " found by the partition table.%n",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  mdfuse mount a.img b.img c.img /mnt/array",
            "  mdfuse mount --read-only /dev/sd[b-e]3 /mnt/array",
            "  mdfuse mount --overlay memory images/ /mnt/array",
            "  mdfuse mount --read-only disk1.dd@5 disk2.dd@5 disk3.dd@5 /mnt/array",
            "",
            "Unmount before the machine is switched off, and detach loop devices before",
            "that:",
            "  losetup -d /dev/loop0; mdfuse umount MOUNTPOINT",
            "SIGTERM unmounts too. A process that still uses the file then is served for",
            "five more seconds.",
        })
final class MountCommand implements Callable<Integer>, Outcome {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-r", "--read-only"},
            description = "Write nothing to any device; what the journal holds is replayed in memory. -o ro means it"
                    + " too.")
    private boolean readOnlyWanted;

    /** The same option as other programs spell it. */
    @Option(names = "--readonly", hidden = true)
    private boolean readonlyWanted;

    @Option(
            names = "--overlay",
            paramLabel = "WHERE",
            description = {
                "Read-only, yet the file can be written: what is written goes to memory (or memory:SIZE at most) or to"
                        + " a new FILE, never to a device, and is lost at the unmount. auto (the default with"
                        + " --read-only): memory, if a file system in it must replay its log; none: never."
            })
    private String overlayWord = "auto";

    @Option(
            names = "--volumes",
            description = "Serve partitions and LVM2's linear and striped logical volumes inside of the array as files"
                    + " beside it. Implies --read-only. Without --name all arrays found are served, also for a volume"
                    + " group over several of them.")
    private boolean volumes;

    @Option(
            names = {"-f", "--foreground"},
            description = "Serve from this process, until it is unmounted or stopped by a signal.")
    private boolean foreground;

    @Option(
            names = "--journal-mode",
            paramLabel = "MODE",
            converter = JournalModeConverter.class,
            description = "write-through (the default), or write-back: writes are answered from the journal.")
    private @Nullable JournalMode journalMode;

    @Option(
            names = "--stripe-cache-size",
            paramLabel = "STRIPES",
            description = "How many stripes write-back may hold in memory, " + AssembleOptions.LEAST_STRIPE_CACHE_SIZE
                    + " to " + AssembleOptions.MOST_STRIPE_CACHE_SIZE + " (default: 64 MiB of them).")
    private @Nullable Integer stripeCacheSize;

    @Option(
            names = "--drop-journal",
            description = "Bring what the journal holds to the members, and go on without a journal for good.")
    private boolean dropJournal;

    @Option(
            names = "--add-journal",
            paramLabel = "DEVICE",
            description = "Make this device the journal of an array that has none.")
    private @Nullable DeviceSpec addJournal;

    @Option(
            names = "--force",
            description =
                    "Go on although data may have been lost, as mdadm's --force does: take back members that fell out,"
                            + " the freshest first and no more than needed; take the parity of a"
                            + " dirty degraded array for right."
                            + " Implies --run.")
    private boolean force;

    @Option(
            names = "--ignore-bad-block-lists",
            description = "Take every block for readable, as mdadm's --update=force-no-bbl: for lists that"
                    + " a bad cable left. Not"
                    + " read-only it takes the lists out of force for good.")
    private boolean ignoreBadBlockLists;

    @Option(
            names = "--heal",
            description = "For images with holes: write what is solved from the other devices into them, and a new map"
                    + " (.healed.map) beside the old one; then mount read-only. Only for an array that was stopped"
                    + " cleanly.")
    private boolean heal;

    @Option(
            names = "--raid0-layout",
            paramLabel = "LAYOUT",
            converter = StripeOrderConverter.class,
            description = StripeOrderConverter.HELP)
    private @Nullable StripeOrder stripeOrder;

    @Option(
            names = "--assume",
            paramLabel = "SHAPE",
            description = {
                "With --read-only: an array by hand, for devices whose superblocks are lost or wrong: "
                        + AssumeWord.EXAMPLE + "[,size=…]. Give the devices in the order of their slots, and the word"
                        + " missing for one that is not there. mdfuse recover finds the shape."
            })
    private @Nullable String assumeWord;

    @Option(names = "--run", description = "Go on although a device that should be there was not given.")
    private boolean run;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "" + MountOptions.DEFAULT_THREADS,
            description = "Requests served at once (${DEFAULT-VALUE}).")
    private int threads;

    @Option(names = "--direct", description = "Go around the host's page cache (O_DIRECT).")
    private boolean direct;

    @Option(names = "--log", paramLabel = "FILE", description = "Append all messages after the start to this file.")
    private @Nullable Path log;

    @Option(
            names = "--alert",
            paramLabel = "COMMAND",
            description = "Run this program for each event, as mdadm --monitor does: its arguments are the"
                    + " event, the volume, and"
                    + " the device if there is one.")
    private @Nullable String alert;

    @Option(
            names = "--search",
            paramLabel = "DIRECTORY",
            description = "Where to look for the array, which is given by its UUID or name.")
    private @Nullable Path searched;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Which array, if a DIRECTORY or the whole disks hold several: its name, with or without the"
                    + " host's.")
    private @Nullable String arrayName;

    @Option(
            names = "-o",
            paramLabel = "OPTIONS",
            description = "Options for FUSE, such as allow_other; frontend=jnr-fuse (libfuse 2) or fuse3 (libfuse 3).")
    private List<String> fuseOptions = new ArrayList<>();

    @Parameters(arity = "1..*", paramLabel = "DEVICE... MOUNTPOINT", hideParamSyntax = true, description = "See above.")
    private List<String> names = new ArrayList<>();

    private String outcome = "";

    @Override
    public Integer call() throws IOException {
        CommandSpec command = Objects.requireNonNull(spec);
        OverlayChoice overlay;
        MountArguments.Options given;
        @Nullable AssumedShape assumed;
        try {
            given = MountArguments.Options.of(fuseOptions);
            MountArguments.requireMountPoint(names);
            overlay = OverlayChoice.parse(overlayWord);
            assumed = assumeWord == null ? null : AssumeWord.parse(assumeWord);
        } catch (IllegalArgumentException | TypeConversionException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()));
        }
        boolean readOnly = readOnlyWanted
                || readonlyWanted
                || volumes
                || overlay.isRequested()
                || heal
                || Boolean.TRUE.equals(given.readOnly());
        if (readOnly && Boolean.FALSE.equals(given.readOnly())) {
            throw new ParameterException(
                    command.commandLine(),
                    "-o rw contradicts --read-only, --overlay, --volumes and --heal; leave one of them out");
        }
        requireFits(assumed, readOnly, command);
        requireHealFits(assumed, command);
        if (readOnly && (dropJournal || addJournal != null)) {
            throw new ParameterException(
                    command.commandLine(),
                    "--read-only writes nothing, so the journal can't be dropped or added with it");
        }
        requireInRange(command);
        MountOptions options = new MountOptions(threads, given.fuseOptions(), given.frontend());
        healFirst(options, command);
        if (!foreground && !BackgroundMount.isUnderWay()) {
            List<String> words = command.root().commandLine().getParseResult().originalArgs();
            int status = BackgroundMount.start(words, command.commandLine().getOut());
            outcome = status == 0 ? "the array is mounted on " + names.getLast() : "";
            return status;
        }
        ProgramFiles.openAll();
        if (log != null) {
            StandardStreams.requireWritable(log);
        }
        Path alertProgram =
                alert == null ? null : AlertCommand.find(alert, System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
        if (!foreground) {
            StandardStreams.leaveSession();
        }
        return serve(
                readOnly,
                overlay,
                assumed,
                options,
                alertProgram,
                command.commandLine().getOut());
    }

    /** The command heals in its own process, so that its progress is on the user's terminal; the server only mounts. */
    private void healFirst(MountOptions options, CommandSpec command) throws IOException {
        if (heal && !BackgroundMount.isUnderWay()) {
            MountSession.check(Path.of(names.getLast()), options);
            ArrayChoice choice = new ArrayChoice(names.subList(0, names.size() - 1), searched, arrayName);
            AssembleOptions assembly = AssembleOptions.defaults().withRun(run).withDirect(direct);
            CommandLine line = command.commandLine();
            HealRun.heal(choice, assembly, line.getOut(), line.getErr());
        }
    }

    private void requireInRange(CommandSpec command) {
        if (threads < 1 || threads > MountOptions.MAX_THREADS) {
            throw new ParameterException(
                    command.commandLine(), "--threads must be 1 to " + MountOptions.MAX_THREADS + ", not " + threads);
        }
        if (stripeCacheSize != null
                && (stripeCacheSize < AssembleOptions.LEAST_STRIPE_CACHE_SIZE
                        || stripeCacheSize > AssembleOptions.MOST_STRIPE_CACHE_SIZE)) {
            throw new ParameterException(
                    command.commandLine(),
                    "--stripe-cache-size must be " + AssembleOptions.LEAST_STRIPE_CACHE_SIZE + " to "
                            + AssembleOptions.MOST_STRIPE_CACHE_SIZE + ", not " + stripeCacheSize);
        }
    }

    private void requireFits(@Nullable AssumedShape assumed, boolean readOnly, CommandSpec command) {
        boolean other = searched != null || arrayName != null || journalMode != null;
        if (assumed != null && (!readOnly || other)) {
            throw new ParameterException(
                    command.commandLine(),
                    "--assume takes devices by hand and never writes: give it with --read-only (or --overlay), without"
                            + " --search, --name and --journal-mode");
        }
    }

    private void requireHealFits(@Nullable AssumedShape assumed, CommandSpec command) {
        if (heal && (readOnlyWanted || readonlyWanted)) {
            throw new ParameterException(
                    command.commandLine(),
                    "--read-only writes nothing, so nothing can be healed with it; --heal alone heals, and then mounts"
                            + " read-only");
        }
        boolean doubtful = force || ignoreBadBlockLists || assumed != null;
        if (heal && (doubtful || volumes || journalMode != null)) {
            throw new ParameterException(
                    command.commandLine(),
                    "--heal writes only what is certain, and mounts read-only: give it without --force,"
                            + " --ignore-bad-block-lists, --assume, --volumes and --journal-mode");
        }
    }

    @Override
    public String outcome() {
        return outcome;
    }

    private int serve(
            boolean readOnly,
            OverlayChoice overlay,
            @Nullable AssumedShape assumed,
            MountOptions options,
            @Nullable Path alertProgram,
            PrintWriter out)
            throws IOException {
        int stripes = stripeCacheSize == null ? 0 : stripeCacheSize;
        AssembleOptions assembly = AssembleOptions.defaults()
                .withReadOnly(readOnly)
                .withForce(force)
                .withRun(run)
                .withDirect(direct)
                .withStripeCacheSize(stripes)
                .withDropJournal(dropJournal)
                .withAddJournal(addJournal == null ? null : DevicePath.absolute(addJournal))
                .withIgnoreBadBlockLists(ignoreBadBlockLists)
                .withStripeOrder(stripeOrder);
        List<String> devices = names.subList(0, names.size() - 1);
        Path mountPoint = Path.of(names.getLast());
        ArrayChoice choice = new ArrayChoice(devices, searched, arrayName);
        if (volumes) {
            ServedVolumes served = new ServedVolumes(
                    new ArraysToServe(choice, assembly, threads, assumed), overlay, mountPoint, alertProgram);
            return VolumeServer.serve(served, files -> files, mountPoint, options, _ -> {
                ready(served.startMessages(), out, served::served);
            });
        }
        ArraySource source = new ArraySource(choice, journalMode, assembly, threads, assumed);
        WatchedArray watched = new WatchedArray(source, mountPoint, alertProgram);
        ServedArray served = new ServedArray(watched, source::notes, overlay);
        return VolumeServer.serve(
                served,
                mountPoint,
                options,
                _ -> ready(served.startMessages(mountPoint), out, () -> watched.served(served.array())));
    }

    /** @param started called when the messages of the start are printed */
    private void ready(List<String> messages, PrintWriter out, Runnable started) {
        messages.forEach(out::println);
        out.flush();
        try {
            if (!foreground) {
                BackgroundMount.finish(log);
            } else {
                if (log != null) {
                    StandardStreams.redirect(StandardStreams.ERR, log);
                }
                LogLines.ofThisProcess().serve(log != null);
            }
            started.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.mdfuse.cli;

import io.mdfuse.raid.spec.DeviceSpec;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The root command: it does nothing itself but lists the verbs. */
@Command(
        name = "mdfuse",
        versionProvider = VersionProvider.class,
        mixinStandardHelpOptions = true,
        header = "Serves Linux md RAID-4/5/6 arrays, write journal included, as one file: no md driver, no root.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            CreateCommand.class,
            ExamineCommand.class,
            RecoverCommand.class,
            MountCommand.class,
            ExportCommand.class,
            UmountCommand.class,
            DetailCommand.class,
            StatusCommand.class,
            WatchCommand.class,
            WaitCommand.class,
            CheckCommand.class,
            RepairCommand.class,
            MemberCommands.Fail.class,
            MemberCommands.Remove.class,
            MemberCommands.Add.class,
            MemberCommands.ReAdd.class,
            MemberCommands.Replace.class,
            JournalCommand.class,
            StripeCommand.class,
            HelpCommand.class
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:done", "1:refused or failed; one line on standard error says why", "2:wrong usage"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  mdfuse create --level 5 --raid-devices 4 --size 1G --write-journal j.img \\",
            "                a.img b.img c.img d.img",
            "  mdfuse examine a.img",
            "  mdfuse recover a.img b.img d.img",
            "  mdfuse mount a.img b.img c.img d.img j.img /mnt/array",
            "  mdfuse detail /mnt/array",
            "  mdfuse status",
            "  mdfuse watch /mnt/array",
            "  mdfuse check /mnt/array",
            "  mdfuse fail /mnt/array b.img; mdfuse remove /mnt/array b.img",
            "  mdfuse add /mnt/array e.img",
            "  mdfuse umount /mnt/array",
        })
public final class Mdfuse implements Runnable {
    private static final int READER_HAS_GONE = 141;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "a command is needed");
    }

    /** The command line with all its verbs and rules, ready to execute arguments. */
    public static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Mdfuse());
        commandLine.setParameterExceptionHandler(ErrorLines::usage);
        commandLine.setExecutionExceptionHandler(ErrorLines::failure);
        // An image may be called @name, and a user does not expect mdfuse to read arguments from it.
        commandLine.setExpandAtFiles(false);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.registerConverter(DeviceSpec.class, new DeviceSpecConverter());
        return commandLine;
    }

    public static void main(String[] args) {
        System.exit(execute(args, StandardOutput.ofThisProcess()));
    }

    /** Runs the command that {@code args} give and returns its exit status. */
    static int execute(String[] args, StandardOutput output) {
        CommandLine commandLine = commandLine();
        commandLine.setOut(output.writer());
        try {
            String complaint = ArgumentText.complaint(args);
            if (complaint != null) {
                return ErrorLines.usage(commandLine, complaint);
            }
        } catch (IOException e) {
            return ErrorLines.failure(e, commandLine);
        }
        int status = commandLine.execute(args);
        commandLine.getOut().flush();
        IOException lost = output.failure();
        if (lost == null) {
            return status;
        }
        if (StandardOutput.isPipe()) {
            // The reader of the pipe has closed it: no message, and the status that SIGPIPE gives to other programs.
            return status == 0 ? READER_HAS_GONE : status;
        }
        String outcome = outcome(commandLine);
        if (status != 0 && outcome.isEmpty()) {
            return status;
        }
        IOException told = new IOException(
                "standard output cannot be written: " + lost.getMessage()
                        + (outcome.isEmpty() ? "" : "; only the report is lost, this was done: " + outcome),
                lost);
        int failed = ErrorLines.failure(told, commandLine);
        return status == 0 ? failed : status;
    }

    /** What the command has changed; empty if it changes nothing, or was not run. */
    private static String outcome(CommandLine commandLine) {
        ParseResult parsed = commandLine.getParseResult();
        while (parsed != null && parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
        }
        return parsed != null && parsed.commandSpec().userObject() instanceof Outcome command ? command.outcome() : "";
    }
}

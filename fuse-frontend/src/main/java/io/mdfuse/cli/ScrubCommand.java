package io.mdfuse.cli;

import io.mdfuse.fuse.MountException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * What check and repair have in common: they start the pass in the process that serves the array, by its sync_action,
 * and watch it. The pass is the array's and not this command's: interrupting this command leaves it running.
 */
@Command(mixinStandardHelpOptions = true)
abstract class ScrubCommand implements Callable<Integer>, Outcome {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--no-wait", description = "Return at once; mdfuse detail tells how far it is.")
    private boolean noWait;

    @Option(names = "--from-start", description = "Begin at the first stripe, not where an earlier one was stopped.")
    private boolean fromStart;

    @Option(
            names = "--stop",
            description = "Stop what runs; the same command goes on there later, as long as the array stays mounted.")
    private boolean stop;

    @Parameters(paramLabel = "MOUNTPOINT", description = "Where the array is mounted.")
    private @Nullable Path mountPoint;

    private String summary = "";

    @Override
    public String outcome() {
        return summary;
    }

    /** What sync_action is set to. */
    abstract String action();

    /** Sectors for which the status is 1. */
    abstract String countThatMustBeZero();

    @Override
    public Integer call() throws IOException, InterruptedException {
        MountedVolume volume = MountedVolume.at(Objects.requireNonNull(mountPoint));
        if (stop) {
            volume.setAttribute("sync_action", "idle");
            return 0;
        }
        start(volume);
        if (noWait) {
            return 0;
        }
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        Map<String, String> after = new SyncProgress(volume, out).await(action()::equals);
        return report(after, out);
    }

    private void start(MountedVolume volume) throws IOException {
        Map<String, String> before = volume.attributes();
        refuseIf(
                before.getOrDefault("array_state", "").equals("readonly") && !action().equals("check"),
                "the array is mounted read-only; mdfuse check lists what does not fit, and writes nothing");
        String running = before.getOrDefault("sync_action", "idle");
        if (running.equals(action())) {
            // Another process started it before; there is only watching left to do.
            return;
        }
        refuseIf(!running.equals("idle"), "a " + running + " is under way; wait for its end");
        try {
            if (fromStart) {
                volume.setAttribute("sync_min", "0");
            }
            volume.setAttribute("sync_action", action());
        } catch (MountException e) {
            throw new IOException("can't " + Objects.requireNonNull(spec).name() + ": " + e.getMessage(), e);
        }
    }

    private void refuseIf(boolean condition, String why) throws IOException {
        if (condition) {
            throw new IOException("can't " + Objects.requireNonNull(spec).name() + ": " + why);
        }
    }

    private int report(Map<String, String> after, PrintWriter out) throws IOException {
        List<String> lines = new ScrubReport(action(), after, Objects.requireNonNull(mountPoint)).lines();
        summary = Objects.requireNonNull(spec).name() + ": " + lines.getFirst();
        lines.forEach(out::println);
        out.flush();
        String result = after.getOrDefault("last_sync_result", "");
        if (!result.equals("done")) {
            throw new IOException(Objects.requireNonNull(spec).name() + " " + result);
        }
        boolean clean = after.getOrDefault(countThatMustBeZero(), "0").equals("0")
                && after.getOrDefault("unreadable_cnt", "0").equals("0");
        return clean ? 0 : 1;
    }
}

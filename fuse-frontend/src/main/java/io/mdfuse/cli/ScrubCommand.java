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
 * and show its progress. The pass runs in that process, so interrupting this command does not stop the pass.
 */
@Command(mixinStandardHelpOptions = true)
abstract class ScrubCommand implements Callable<Integer>, Outcome {
    /** Part of the result of a repair that was refused after a look at the stripes: it compared nothing that counts. */
    private static final String NOT_BEGUN = "; nothing was changed";

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--no-wait", description = "Return at once; mdfuse detail shows the progress.")
    private boolean noWait;

    @Option(names = "--from-start", description = "Begin at the first stripe, not where an earlier one was stopped.")
    private boolean fromStart;

    @Option(
            names = "--stop",
            description = "Stop the pass; the same command continues it later, as long as the array stays mounted.")
    private boolean stop;

    @Parameters(paramLabel = "MOUNTPOINT", description = "Where the array is mounted.")
    private @Nullable Path mountPoint;

    private String summary = "";

    @Override
    public String outcome() {
        return summary;
    }

    /** The value to which sync_action is set. */
    abstract String action();

    /** The number of sectors that makes the exit status 1 if it is not 0. */
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
            // Another process has started this pass: only show its progress.
            return;
        }
        refuseIf(!SyncStatus.of(before).isIdle(), "a " + running + " is under way; wait for its end");
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
        String result = after.getOrDefault("last_sync_result", "");
        if (result.contains(NOT_BEGUN)) {
            throw new IOException("can't " + Objects.requireNonNull(spec).name() + ": " + result);
        }
        List<String> lines = new ScrubReport(action(), after, Objects.requireNonNull(mountPoint)).lines();
        summary = Objects.requireNonNull(spec).name() + ": " + lines.getFirst();
        lines.forEach(out::println);
        out.flush();
        if (!result.equals("done")) {
            throw new IOException(Objects.requireNonNull(spec).name() + " " + result);
        }
        boolean clean = after.getOrDefault(countThatMustBeZero(), "0").equals("0")
                && after.getOrDefault("unreadable_cnt", "0").equals("0");
        return clean ? 0 : 1;
    }
}

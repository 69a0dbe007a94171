package io.mdfuse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Waits until no pass over the stripes of a mounted array is under way, as mdadm --wait does; the exit status says how
 * the passes ended.
 */
@Command(
        name = "wait",
        mixinStandardHelpOptions = true,
        header = "Waits until the resync, rebuild, check or repair of a mounted array is over.",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:nothing is under way any more, or nothing was; what was waited for came to its end, and all is well",
            "1:it did not, nor did the last check or repair, or something does not fit or can't be"
                    + " read; one line says what"
        },
        footerHeading = "%nExample:%n",
        footer = {"  mdfuse add /mnt/array new.img", "  mdfuse wait /mnt/array && echo the array is whole again"})
final class WaitCommand implements Callable<Integer> {
    /** A rebuild may follow a resync at once, so an array counts as idle only when it was found idle twice. */
    private static final long SECOND_LOOK_MILLIS = 300;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "MOUNTPOINT", description = "Where the array is mounted.")
    private @Nullable Path mountPoint;

    @Override
    public Integer call() throws IOException, InterruptedException {
        MountedVolume volume = MountedVolume.at(Objects.requireNonNull(mountPoint));
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        SyncProgress progress = new SyncProgress(volume, out);
        String waitedFor = "";
        Map<String, String> now = volume.attributes();
        for (boolean idle = false; !idle; ) {
            SyncStatus status = SyncStatus.of(now);
            if (status.isIdle()) {
                Thread.sleep(SECOND_LOOK_MILLIS);
                now = volume.attributes();
                idle = SyncStatus.of(now).isIdle();
            } else {
                waitedFor = status.action();
                String action = waitedFor;
                now = progress.await(action::equals);
            }
        }
        String verdict = verdict(waitedFor, now);
        out.println((waitedFor.isEmpty() ? "nothing is under way" : waitedFor + " is over") + verdict);
        out.flush();
        return verdict.isEmpty() ? 0 : 1;
    }

    /** What is wrong with the array; empty if nothing is. */
    static String verdict(String waitedFor, Map<String, String> now) {
        StringBuilder verdict = new StringBuilder();
        if (!now.getOrDefault("array_trouble", "none").equals("none")) {
            verdict.append("; ").append(now.get("array_trouble"));
        } else if (!now.getOrDefault("sync_trouble", "none").equals("none")) {
            verdict.append("; ").append(now.get("sync_trouble"));
        } else if (waitedFor.equals("recover")
                && !now.getOrDefault("degraded", "0").equals("0")) {
            verdict.append("; the array is still degraded: ")
                    .append(now.get("degraded"))
                    .append(" missing");
        }
        if (waitedFor.isEmpty()) {
            verdict.append(incompleteScrub(now));
        }
        if (SyncStatus.compares(waitedFor)) {
            String result = now.getOrDefault("last_sync_result", "done");
            String count = waitedFor.equals("check") ? "mismatch_cnt" : "mismatch_unrepaired";
            String left = now.getOrDefault(count, "0");
            String unreadable = now.getOrDefault("unreadable_cnt", "0");
            verdict.append(result.equals("done") ? "" : "; it " + result);
            verdict.append(left.equals("0") ? "" : "; " + count + " " + left + " sectors");
            verdict.append(unreadable.equals("0") ? "" : "; " + unreadable + " sectors can't be read");
        }
        return verdict.toString();
    }

    /** A clause that the newest check or repair did not complete; empty if there was none, or it completed. */
    private static String incompleteScrub(Map<String, String> now) {
        String action = now.getOrDefault("last_sync_action", "none");
        String result = now.getOrDefault("last_sync_result", "none");
        boolean ended = action.equals("none") || result.equals("none") || result.equals("done");
        return ended ? "" : "; the last " + action + " " + result + "; the same command goes on there";
    }
}

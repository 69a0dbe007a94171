package io.mdfuse.integration;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The real Linux md driver, to check images. The kernel is booted as a process over the image files (see {@code
 * scripts/oracle/run.sh}); several arrays are checked one after another in one boot, which takes two seconds.
 */
final class Oracle {
    /** The number of block devices of the oracle's kernel. */
    private static final int MAX_DEVICES = 16;

    /** The exit status of {@code run.sh} if it cut the power. */
    private static final int POWER_CUT = 137;

    /** Its exit status if the job did not end in time. */
    private static final int OUT_OF_TIME = 124;

    /** Many times the time that md takes for an array of the tests' size. */
    private static final int LIMIT_SECONDS = 30;

    private Oracle() {}

    /**
     * md's verdict on one array.
     *
     * @param sha256 of the whole volume, as md reads it
     * @param mismatchCount sectors whose parity md finds wrong
     */
    record Verdict(String sha256, long mismatchCount) {}

    /** The kernel; it exists once {@code make oracle} has built it. */
    static Path kernel() {
        return place();
    }

    /** The newest kernel, which accepts arrays that the other one does not, and the path of its mdadm. */
    static List<Path> newest() {
        return List.of(place("new"), place("tools").resolve("mdadm"));
    }

    private static Path place(String... what) {
        try {
            List<String> command = new ArrayList<>();
            command.add(Project.script("oracle/kernel.sh").toString());
            command.addAll(List.of(what));
            return Path.of(Command.run(command).orFail().output().strip());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Has md assemble the images (and so write to them), read the whole volume, and check its parity. */
    static Verdict judge(Images images) throws IOException {
        return judge(List.of(images)).getFirst();
    }

    /** As {@link #judge(Images)}, for any number of arrays. */
    static List<Verdict> judge(List<Images> arrays) throws IOException {
        List<String> jobs = Collections.nCopies(arrays.size(), JUDGE);
        return runEach(jobs, arrays).stream().map(Oracle::verdict).toList();
    }

    /** As {@link #judge(Images)} by the newest kernel, for any number of arrays. */
    static List<Verdict> judgeByNewest(List<Images> arrays) throws IOException {
        List<Verdict> verdicts = new ArrayList<>();
        for (Images images : arrays) {
            String job = "set -e\n" + JUDGE.replace("NODES", "\"$@\"");
            verdicts.add(verdict(runNewest(job, images.all()).output().strip()));
        }
        return verdicts;
    }

    /** As {@link #run}, by the newest kernel and its mdadm. */
    static Command.Result runNewest(String job, List<Path> images) throws IOException {
        return boot(job, images, List.of("-n")).orFail();
    }

    /**
     * Runs a job for each array, in as few boots as possible, and returns the one line that each prints. In a job
     * {@code NODES} is replaced by the array's block devices.
     */
    static List<String> runEach(List<String> jobs, List<Images> arrays) throws IOException {
        List<String> lines = new ArrayList<>();
        int from = 0;
        while (from < arrays.size()) {
            StringBuilder job = new StringBuilder("set -e\n");
            List<Path> images = new ArrayList<>();
            int until = from;
            while (until < arrays.size()
                    && images.size() + arrays.get(until).all().size() <= MAX_DEVICES) {
                List<Path> devices = arrays.get(until).all();
                String nodes = "${@:%d:%d}".formatted(images.size() + 1, devices.size());
                job.append(jobs.get(until).replace("NODES", nodes));
                images.addAll(devices);
                until++;
            }
            lines.addAll(run(job.toString(), images).output().lines().toList());
            from = until;
            if (lines.size() != until) {
                throw new AssertionError("the oracle answered " + lines.size() + " of " + arrays + ": " + lines);
            }
        }
        return lines;
    }

    /**
     * As {@link #judge(Images)}; empty if md gives no verdict within {@link #LIMIT_SECONDS}: it hangs on some journals.
     */
    static Optional<Verdict> judgeWithinLimit(Images images) throws IOException {
        String job = "set -e\n" + JUDGE.replace("NODES", "\"$@\"");
        Command.Result result = boot(job, images.all(), List.of("-t", Integer.toString(LIMIT_SECONDS)));
        return result.exitStatus() == OUT_OF_TIME
                ? Optional.empty()
                : Optional.of(verdict(result.orFail().output().strip()));
    }

    private static Verdict verdict(String line) {
        String[] words = line.split(" ", 2);
        return new Verdict(words[0], Long.parseLong(words[1]));
    }

    // First wait for a resync that md has to do: it corrects parity and says nothing about whether parity was correct.
    // A check starts a moment after the request, and until then the driver still reports idle.
    // A guest starts a process slowly, so what is repeated starts none: a read of a silent pipe is the pause.
    private static final String JUDGE = """
            md=/dev/md0 sys=/sys/block/md0/md
            [ -p /run/silent ] || mkfifo /run/silent; exec 9<>/run/silent
            pause() { read -r -t 0.02 -u 9 || true; }
            holds() { local line; read -r line <$sys/$1; [[ $line == $2* ]]; }
            mdadm --assemble --run $md NODES >&2
            sum=$(sha256sum $md)
            until holds resync_start none && holds sync_action idle; do pause; done
            echo check >$sys/sync_action
            until holds last_sync_action check && holds sync_action idle; do pause; done
            echo "${sum%% *} $(cat $sys/mismatch_cnt)"
            mdadm --stop $md >&2
            """;

    /** Runs a bash script in the oracle; its arguments are the images' block devices. */
    static Command.Result run(String job, List<Path> images) throws IOException {
        return boot(job, images, List.of()).orFail();
    }

    /** As {@link #run}, and cuts the machine's power once the job has made the file {@code power}. */
    static void crash(String job, List<Path> images, Path power) throws IOException {
        crash(job, images, List.of("-k", power.toString()));
    }

    /** As {@link #crash(String, List, Path)}, by the newest kernel and its mdadm. */
    static void crashNewest(String job, List<Path> images, Path power) throws IOException {
        crash(job, images, List.of("-n", "-k", power.toString()));
    }

    private static void crash(String job, List<Path> images, List<String> options) throws IOException {
        Command.Result result = boot(job, images, options);
        if (result.exitStatus() != POWER_CUT) {
            throw new AssertionError(result);
        }
    }

    private static Command.Result boot(String job, List<Path> images, List<String> options) throws IOException {
        Path script = Files.createTempFile("mdfuse-job", ".sh");
        try {
            Files.write(script, job.getBytes(StandardCharsets.UTF_8));
            List<String> command = new ArrayList<>();
            command.add(Project.script("oracle/run.sh").toString());
            command.addAll(List.of("-t", Long.toString(Command.LIMIT.toSeconds() - 10)));
            command.addAll(options);
            command.add(script.toString());
            images.forEach(image -> command.add(image.toString()));
            return Command.run(command);
        } finally {
            Files.delete(script);
        }
    }
}

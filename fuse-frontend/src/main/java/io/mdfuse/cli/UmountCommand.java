package io.mdfuse.cli;

import io.mdfuse.fuse.FileUsers;
import io.mdfuse.fuse.Fusermount;
import io.mdfuse.fuse.MountCopies;
import io.mdfuse.fuse.MountException;
import io.mdfuse.fuse.MountPoint;
import io.mdfuse.fuse.MountTable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Unmounts an array and waits until its serving process has left it clean on its members.
 *
 * <pre>
 *   the flush   the array       what follows
 *   succeeds    can write       unmounted; status 0 once the process has ended
 *   succeeds    can't write     reported (the journal failed, or has data that members lack); unmounted; status 1
 *   fails       can't write     reported; unmounted nevertheless; status 1
 *   fails       could write     refused, nothing changes (--force ends it)
 *   hangs       -               a line now and then; after the limit refused, nothing changes (--force ends it)
 * </pre>
 */
@Command(
        name = "umount",
        aliases = "unmount",
        mixinStandardHelpOptions = true,
        header = "Unmounts an array; returns when everything is on its devices and they are closed.",
        description = {
            "%nAn array that can't write any more is unmounted too: what is not on the devices is"
                    + " said, and the status is 1.%n"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  mdfuse umount /mnt/array",
            "  mdfuse umount --force /mnt/array      # a device hangs",
        })
final class UmountCommand implements Callable<Integer> {
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(10);
    private static final Duration FIRST_WORD_AFTER = Duration.ofSeconds(3);
    private static final Duration BETWEEN_WORDS = Duration.ofSeconds(10);

    /** A process that reads the mount from time to time, such as mdfuse wait, makes it busy for a moment. */
    private static final Duration BUSY_FOR_A_MOMENT = Duration.ofSeconds(1);

    /** More than the second for which FUSE lets the kernel keep attributes. */
    private static final Duration CACHED_BY_KERNEL = Duration.ofSeconds(3);

    private static final Duration ENDS_BY_SIGNAL_WITHIN = Duration.ofSeconds(30);

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-f", "--force"},
            description = "Unmount although the array is in use or a device hangs: its users get errors,"
                    + " what was not synced may"
                    + " be lost, and the next mount recovers.")
    private boolean force;

    @Option(
            names = {"-l", "--lazy"},
            description = "Take the file out of sight at once; the array is closed when its last user has gone.")
    private boolean lazy;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "How long the devices may take (${DEFAULT-VALUE}).")
    private int waitSeconds;

    @Parameters(paramLabel = "MOUNTPOINT", description = "Where the array is mounted.")
    private @Nullable Path mountPoint;

    /** The attributes of the serving process. */
    private record Look(Path mountPoint, Path file, long pid, String trouble) {}

    @Override
    public Integer call() throws IOException {
        Path given = Objects.requireNonNull(mountPoint);
        if (waitSeconds < 1) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--wait is at least 1 second, not " + waitSeconds + "; --lazy does not wait");
        }
        if (clearDead(given)) {
            return 0;
        }
        try {
            return unmount(given);
        } catch (IOException e) {
            if (clearIfItDied(given, e)) {
                return 0;
            }
            throw e;
        }
    }

    /** Clears the mount at this path, or the one that this file is in, if its process has ended; true if so. */
    private boolean clearDead(Path given) throws IOException {
        Path parent = given.toAbsolutePath().normalize().getParent();
        for (Path place : parent == null ? List.of(given) : List.of(given, parent)) {
            if (isDead(place)) {
                MountPoint.clearDead(place);
                say(place + " was dead: its process had been killed; the next mount recovers");
                return true;
            }
        }
        return false;
    }

    /** A path inside a dead mount can't be resolved: its parent has the answer. */
    private static boolean isDead(Path place) {
        try {
            return MountPoint.isDead(place);
        } catch (IOException unresolved) {
            return false;
        }
    }

    /**
     * Clears a mount whose process was killed just before, or is killed during the umount. The kernel answers from its
     * cache for a second then, so that the mount does not look dead although each request fails.
     */
    private boolean clearIfItDied(Path given, IOException failure) throws IOException {
        boolean clear = failure instanceof MountException
                || failure instanceof NoSuchFileException
                || failure instanceof AccessDeniedException;
        long deadlineNanos = System.nanoTime() + (clear ? 0 : CACHED_BY_KERNEL.toNanos());
        while (!clearDead(given)) {
            if (System.nanoTime() - deadlineNanos >= 0) {
                return false;
            }
            pause();
        }
        return true;
    }

    private int unmount(Path given) throws IOException {
        Look look = look(given);
        if (look == null) {
            return endUnanswered(given);
        }
        if (force) {
            return forceEnd(given, look.mountPoint(), look.pid());
        }
        if (lazy) {
            List<String> users = FileUsers.of(look.mountPoint());
            Fusermount.unmountLazily(look.mountPoint());
            say(given + " is out of sight; process " + look.pid() + " closes the array"
                    + (users.isEmpty() ? "" : " when its last user has gone: " + String.join(", ", users)));
            return 0;
        }
        boolean well = flush(given, look);
        MountTable.Entry entry = MountTable.at(look.mountPoint());
        unmount(given, look.mountPoint());
        awaitEnd(given, look.pid(), entry == null ? "" : entry.device());
        if (!well) {
            say(given + " is unmounted; what was synced before is on the devices, and the next mount recovers");
        }
        return well ? 0 : 1;
    }

    /** Reads the attributes; null if the mount does not answer, or not to this user. */
    private @Nullable Look look(Path given) throws IOException {
        FutureTask<Look> asking = new FutureTask<>(() -> {
            MountedVolume volume = MountedVolume.at(given);
            return new Look(volume.mountPoint(), volume.file(), volume.serverPid(), volume.serverTrouble());
        });
        Thread.ofPlatform().daemon().name("look").start(asking);
        try {
            return asking.get(ANSWERS_WITHIN.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException e) {
            if (force && MountTable.at(MountPoint.withRealParent(given)) != null) {
                return null;
            }
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** False if the array can't be written any more; the reason is printed. */
    private boolean flush(Path given, Look look) throws IOException {
        String way = "; nothing was unmounted. End it without: mdfuse umount --force " + given;
        FileFlush.Outcome outcome = FileFlush.of(look.file(), Duration.ofSeconds(waitSeconds), err());
        if (outcome == FileFlush.Outcome.STILL_WAITING) {
            throw new MountException(
                    given + ": the devices did not take what was written within " + waitSeconds + " s" + way);
        }
        Look after = look(given);
        String trouble = after == null ? look.trouble() : after.trouble();
        if (outcome == FileFlush.Outcome.DONE) {
            if (!trouble.isEmpty()) {
                say(given + ": everything that was written is on the devices, but " + trouble);
            }
            return trouble.isEmpty();
        }
        if (trouble.isEmpty()) {
            throw new MountException(
                    given + ": what was written can't be brought to the devices (its log says why)" + way);
        }
        say(given + ": not everything that was written is on the devices: " + trouble);
        return false;
    }

    private void unmount(Path given, Path real) throws IOException {
        long deadlineNanos = System.nanoTime() + BUSY_FOR_A_MOMENT.toNanos();
        while (true) {
            try {
                Fusermount.unmount(real);
                return;
            } catch (MountException refused) {
                if (System.nanoTime() >= deadlineNanos) {
                    throw inUse(given, real, refused);
                }
            }
            pause();
        }
    }

    private static MountException inUse(Path given, Path real, MountException refused) throws IOException {
        List<String> users = FileUsers.of(real);
        return users.isEmpty()
                ? refused
                : new MountException(given + " is in use by " + FileUsers.describe(users)
                        + "; nothing was unmounted (--lazy, --force: see --help)");
    }

    private static void pause() throws InterruptedIOException {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /**
     * Waits, and prints from time to time for what: a device, the alert command, or another mount namespace that has a
     * copy of the mount.
     */
    private void awaitEnd(Path given, long pid, String device) throws IOException {
        long limitNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(waitSeconds);
        Duration patience = FIRST_WORD_AFTER;
        while (!ServerProcess.awaitEnd(pid, patience)) {
            if (ServerProcess.waitsForAlerts(pid)) {
                say(given + " is unmounted and the array is closed; process " + pid + " waits for its alert command, "
                        + WatchedArray.PATIENCE.toSeconds() + " s at most");
                ServerProcess.awaitEnd(pid, WatchedArray.PATIENCE.plus(FIRST_WORD_AFTER));
                return;
            }
            List<String> copies = MountCopies.of(device);
            String held = copies.isEmpty()
                    ? "waits for a device"
                    : "serves on, since the mount namespace of " + String.join(", ", copies)
                            + " has a copy of this mount in which the file is open";
            if (System.nanoTime() >= limitNanos) {
                throw new MountException(given + " is unmounted, but process " + pid
                        + " has not closed the array within " + waitSeconds + " s: it " + held + ". "
                        + (copies.isEmpty()
                                ? "Leave it, or end it with: kill -9 " + pid + "; the next mount recovers then"
                                : "It ends when that copy is gone, or with: kill " + pid));
            }
            say(given + " is unmounted; process " + pid + " has not closed the array yet: it " + held);
            long leftNanos = Math.max(0, limitNanos - System.nanoTime());
            patience = Duration.ofNanos(Math.min(leftNanos, BETWEEN_WORDS.toNanos()));
        }
    }

    private int endUnanswered(Path given) throws IOException {
        Path real = MountPoint.withRealParent(given);
        MountTable.Entry entry = MountTable.at(real);
        if (entry == null || !entry.isOurs()) {
            throw new MountException(given + " is not mounted by mdfuse");
        }
        if (!force) {
            throw new MountException(
                    given + " does not answer: its requests wait for a device. End it without: mdfuse umount"
                            + " --force " + given);
        }
        return forceEnd(given, real, ServerProcess.find(real));
    }

    /**
     * Unmounts lazily, then stops the process by SIGTERM, and kills it if it does not end. The next mount recovers, as
     * after any crash.
     */
    private int forceEnd(Path given, Path real, long pid) throws IOException {
        Fusermount.unmountLazily(real);
        ProcessHandle server = pid == 0 ? null : ProcessHandle.of(pid).orElse(null);
        if (server == null) {
            say(given + " is unmounted; the process that served it was not found");
            return 1;
        }
        server.destroy();
        if (ServerProcess.awaitEnd(pid, ENDS_BY_SIGNAL_WITHIN)) {
            say(given + " is unmounted, and the array is closed; what its users had not written yet is lost to them");
            return 0;
        }
        server.destroyForcibly();
        boolean ended = ServerProcess.awaitEnd(pid, ENDS_BY_SIGNAL_WITHIN);
        say(given + " is unmounted; process " + pid + " did not close the array within "
                + ENDS_BY_SIGNAL_WITHIN.toSeconds() + " s and was killed"
                + (ended ? "" : ", but its device does not let it end")
                + "; the next mount recovers, and what was not synced may be lost");
        return 1;
    }

    private PrintWriter err() {
        return Objects.requireNonNull(spec).commandLine().getErr();
    }

    private void say(String line) {
        err().println("mdfuse: " + line);
        err().flush();
    }
}

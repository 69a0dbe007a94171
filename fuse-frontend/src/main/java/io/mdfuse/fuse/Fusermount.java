package io.mdfuse.fuse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Unmounts by the command that every user may run, fusermount; for root, umount does as well. */
public final class Fusermount {
    private static final int PATIENCE_SECONDS = 30;
    private static final List<String> COMMANDS = List.of("fusermount", "fusermount3", "umount");

    private Fusermount() {}

    /** Unmounts now; while somebody uses the mount it fails, with the command's own words. */
    public static void unmount(Path mountPoint) throws MountException {
        run(mountPoint, List.of("-u"), List.of());
    }

    /** Takes the mount out of the name space now, whoever uses it; it ends when the last user has gone. */
    public static void unmountLazily(Path mountPoint) throws MountException {
        run(mountPoint, List.of("-u", "-z"), List.of("-l"));
    }

    private static void run(Path mountPoint, List<String> fusermountOptions, List<String> umountOptions)
            throws MountException {
        String command = findCommand();
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(command.endsWith("/umount") ? umountOptions : fusermountOptions);
        arguments.addAll(List.of("--", mountPoint.toString()));
        try {
            Process process =
                    new ProcessBuilder(arguments).redirectErrorStream(true).start();
            process.getOutputStream().close();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new MountException(command + " did not end within " + PATIENCE_SECONDS + " s");
            }
            String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.exitValue() != 0) {
                throw new MountException(words.strip().replace('\n', ' '));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MountException(command + " was interrupted");
        } catch (MountException e) {
            throw e;
        } catch (IOException e) {
            throw new MountException(command + " cannot be run: " + e.getMessage());
        }
    }

    private static String findCommand() throws MountException {
        String searchPath = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin");
        for (String command : COMMANDS) {
            for (String directory : searchPath.split(":", -1)) {
                Path candidate = Path.of(directory, command);
                if (Files.isExecutable(candidate)) {
                    return candidate.toString();
                }
            }
        }
        throw new MountException("fusermount is missing; install it: apt install fuse");
    }
}

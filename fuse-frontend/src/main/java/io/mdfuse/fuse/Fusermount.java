package io.mdfuse.fuse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Unmounts by a command that every user may run. fusermount and fusermount3 do the same; Debian's fuse3 has both names,
 * and other distributions have one. Both read {@code /etc/mtab} before they unmount for a user, and a machine that was
 * made by debootstrap and never booted has none. umount of util-linux needs no such file: it takes the owner of a FUSE
 * mount from the kernel's own table. Its option -i keeps it from running the helper umount.fuse.mdfuse, which would run
 * {@code mdfuse umount} again.
 */
public final class Fusermount {
    private static final int PATIENCE_SECONDS = 30;
    private static final Path MTAB = Path.of("/etc/mtab");
    private static final List<String> COMMANDS = List.of("fusermount", "fusermount3", "umount");
    private static final List<String> COMMANDS_WITHOUT_MTAB = List.of("umount", "fusermount", "fusermount3");

    private Fusermount() {}

    /** Unmounts now; fails while the mount is in use, with the command's own message. */
    public static void unmount(Path mountPoint) throws MountException {
        run(mountPoint, List.of("-u"), List.of("-i"));
    }

    /**
     * Removes the mount from the name space now, even if it is in use; the mount ends when its last user has closed its
     * files.
     */
    public static void unmountLazily(Path mountPoint) throws MountException {
        run(mountPoint, List.of("-u", "-z"), List.of("-i", "-l"));
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
        for (String command : Files.exists(MTAB) ? COMMANDS : COMMANDS_WITHOUT_MTAB) {
            for (String directory : searchPath.split(":", -1)) {
                Path candidate = Path.of(directory, command);
                if (Files.isExecutable(candidate)) {
                    return candidate.toString();
                }
            }
        }
        throw new MountException("fusermount and fusermount3 are missing; install one: apt install fuse3");
    }
}

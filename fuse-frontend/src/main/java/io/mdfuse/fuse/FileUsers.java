package io.mdfuse.fuse;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds what keeps a mount busy: processes that have one of its files open or their working directory in it, and loop
 * devices that are backed by one of its files. It reads links in /proc and sends no request to the mount, so it cannot
 * hang. A user who is not root sees only their own processes.
 */
public final class FileUsers {
    private static final Path PROC = Path.of("/proc");
    private static final Path BLOCK_DEVICES = Path.of("/sys/block");

    private FileUsers() {}

    /** One phrase for each user, such as {@code dd (process 123)}; empty if none was found. */
    public static List<String> of(Path mountPoint) {
        List<String> users = new ArrayList<>(loopDevices(mountPoint));
        long self = ProcessHandle.current().pid();
        for (Path process : list(PROC, "[0-9]*")) {
            String pid = process.getFileName().toString();
            if (!pid.equals(Long.toString(self)) && uses(process, mountPoint)) {
                users.add(firstLine(process.resolve("comm")) + " (process " + pid + ")");
            }
        }
        return users;
    }

    /** The users as the end of a sentence. */
    public static String describe(List<String> users) {
        return users.isEmpty() ? "a process that only root can name" : String.join(", ", users);
    }

    private static boolean uses(Path process, Path mountPoint) {
        Set<Path> links = new LinkedHashSet<>(list(process.resolve("fd"), "*"));
        links.add(process.resolve("cwd"));
        links.add(process.resolve("root"));
        return links.stream().anyMatch(link -> isInside(link, mountPoint));
    }

    private static boolean isInside(Path link, Path mountPoint) {
        try {
            return Files.readSymbolicLink(link).startsWith(mountPoint);
        } catch (IOException | RuntimeException goneOrForbidden) {
            return false;
        }
    }

    private static List<String> loopDevices(Path mountPoint) {
        List<String> users = new ArrayList<>();
        for (Path device : list(BLOCK_DEVICES, "loop*")) {
            String backing = firstLine(device.resolve("loop/backing_file"));
            if (!backing.isEmpty() && Path.of(backing).startsWith(mountPoint)) {
                users.add(describeLoop("/dev/" + device.getFileName()));
            }
        }
        return users;
    }

    private static String describeLoop(String node) {
        List<Path> mounts;
        try {
            mounts = MountTable.mountPointsOf(node);
        } catch (IOException e) {
            mounts = List.of();
        }
        StringBuilder remedy = new StringBuilder();
        mounts.forEach(mount -> remedy.append("umount ").append(mount).append("; "));
        return node + " (" + remedy + "losetup -d " + node + ")";
    }

    private static List<Path> list(Path directory, String pattern) {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, pattern)) {
            stream.forEach(entries::add);
        } catch (IOException | DirectoryIteratorException goneOrForbidden) {
            return entries;
        }
        return entries;
    }

    private static String firstLine(Path file) {
        try (var reader = Files.newBufferedReader(file)) {
            String line = reader.readLine();
            return line == null ? "" : line;
        } catch (IOException gone) {
            return "";
        }
    }
}

package io.mdfuse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;

/** Describes which user or group may read a file or device that this user may not, and what this user can do. */
final class DeniedAccess {
    private DeniedAccess() {}

    /** A clause that follows the path in a message. */
    static String words(Path path) {
        try {
            PosixFileAttributes file = Files.readAttributes(path, PosixFileAttributes.class);
            String owner = file.owner().getName();
            String group = file.group().getName();
            boolean byGroup = file.permissions().contains(PosixFilePermission.GROUP_READ);
            return "may not be read by you; it belongs to " + owner + " and group " + group + ": run this as " + owner
                    + (byGroup ? ", or join the group (usermod -aG " + group + " USER as root, then log in anew)" : "");
        } catch (IOException e) {
            return "lies in a directory that you may not enter" + closed(path) + ": run this as its owner, or as root";
        }
    }

    private static String closed(Path path) {
        Path directory = path.toAbsolutePath();
        for (int index = 1; index <= directory.getNameCount(); index++) {
            Path part = directory.getRoot().resolve(directory.subpath(0, index));
            boolean last = index == directory.getNameCount();
            if (!last && Files.isDirectory(part, LinkOption.NOFOLLOW_LINKS) && !Files.isExecutable(part)) {
                return ", " + part;
            }
        }
        return "";
    }
}

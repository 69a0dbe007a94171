package io.mdfuse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How a device is called while its array is mounted: in a way that means the same in each working directory. */
final class DevicePath {
    private DevicePath() {}

    /**
     * The absolute path, links in it kept: a name of /dev/disk/by-id tells more than the node that it leads to. The
     * steps {@code .} and {@code ..} are left out if the path leads to the same file without them, which a link may
     * prevent.
     */
    static Path absolute(Path given) {
        Path absolute = given.toAbsolutePath();
        Path plain = absolute.normalize();
        try {
            return plain.equals(absolute) || !Files.isSameFile(plain, absolute) ? absolute : plain;
        } catch (IOException e) {
            // What is wrong with the file is said in the name that the user gave.
            return absolute;
        }
    }
}

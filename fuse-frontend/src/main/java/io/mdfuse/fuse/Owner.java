package io.mdfuse.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The user and group that own the directory and the file: those of the process that mounts. */
public record Owner(int uid, int gid) {
    /** The user this process runs as. Linux gives a process's own directory in /proc its effective user. */
    public static Owner ofThisProcess() throws IOException {
        Path self = Path.of("/proc/self");
        return new Owner(
                (Integer) Files.getAttribute(self, "unix:uid"), (Integer) Files.getAttribute(self, "unix:gid"));
    }
}

package io.mdfuse.cli;

import io.mdfuse.fuse.FileUsers;
import io.mdfuse.fuse.Fusermount;
import io.mdfuse.fuse.MountException;
import io.mdfuse.fuse.MountPoint;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Unmounts an array and waits until its serving process has left it clean on its members. */
@Command(
        name = "umount",
        aliases = "unmount",
        mixinStandardHelpOptions = true,
        header = "Unmounts an array; returns when everything is on its devices and they are closed.",
        footerHeading = "%nExample:%n",
        footer = "  mdfuse umount /mnt/array")
final class UmountCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "MOUNTPOINT", description = "Where the array is mounted.")
    private @Nullable Path mountPoint;

    @Override
    public Integer call() throws IOException {
        Path given = Objects.requireNonNull(mountPoint);
        if (MountPoint.isDead(given)) {
            MountPoint.clearDead(given);
            Objects.requireNonNull(spec)
                    .commandLine()
                    .getErr()
                    .println("mdfuse: " + given + " was dead: its process had been killed; the next mount recovers");
            return 0;
        }
        MountedVolume volume = MountedVolume.at(given);
        long pid = volume.serverPid();
        // What a close would find out too late to be told, a flush finds out now.
        try (FileChannel file = FileChannel.open(volume.file(), StandardOpenOption.READ)) {
            file.force(false);
        }
        unmount(volume.mountPoint());
        ServerProcess.awaitEnd(pid);
        return 0;
    }

    private static void unmount(Path mountPoint) throws IOException {
        try {
            Fusermount.unmount(mountPoint);
        } catch (MountException refused) {
            List<String> users = FileUsers.of(mountPoint);
            if (users.isEmpty()) {
                throw refused;
            }
            throw new MountException(mountPoint + " is in use by " + FileUsers.describe(users));
        }
    }
}

package io.mdfuse.cli;

import io.mdfuse.fuse.MountException;
import io.mdfuse.fuse.MountPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a mounted array says of itself at one time.
 *
 * @param mountPoint its real path
 * @param file the volume's file
 */
record WatchSample(Path mountPoint, Path file, ArrayView array, ServedStatistics statistics) {
    /**
     * Finds the array that is to be watched.
     *
     * @param given its mount point or its file; with {@code mount --volumes} there may be several files
     * @throws IOException if there is no such array, or if several could be meant
     */
    static MountedVolume find(Path given) throws IOException {
        MountedVolume first = MountedVolume.at(given);
        Path real = given.toRealPath();
        if (Files.isRegularFile(real)) {
            return new MountedVolume(first.mountPoint(), real);
        }
        List<IOException> failures = new ArrayList<>();
        List<StatusEntry> arrays = StatusEntry.at(List.of(given), failures);
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
        if (arrays.size() > 1) {
            List<String> files =
                    arrays.stream().map(each -> each.file().toString()).toList();
            throw new MountException(given + " has several arrays; name one: " + String.join(", ", files));
        }
        return arrays.isEmpty()
                ? first
                : new MountedVolume(first.mountPoint(), arrays.getFirst().file());
    }

    /**
     * Asks the array.
     *
     * @throws IOException if it is not mounted any more, or its process is of a version that counts nothing
     */
    static WatchSample of(MountedVolume volume) throws IOException {
        ArrayView array;
        try {
            array = new ArrayView(volume.attributes());
        } catch (NoSuchFileException e) {
            throw new MountException(volume.file() + " is not mounted any more");
        } catch (IOException e) {
            if (volume.isMounted() && !MountPoint.isDead(volume.mountPoint())) {
                throw e;
            }
            throw new MountException(volume.mountPoint() + " is not mounted any more");
        }
        if (array.text("level").isEmpty()) {
            throw new MountException(volume.file() + " is no array: it lies inside of one");
        }
        ServedStatistics statistics = ServedStatistics.of(array)
                .orElseThrow(() -> new MountException(
                        volume.file() + " is served by an older mdfuse, which counts nothing; unmount and mount it"));
        return new WatchSample(volume.mountPoint(), volume.file(), array, statistics);
    }
}

package io.mdfuse.cli;

import io.mdfuse.fuse.MountTable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * An array that is mounted, with its state at one time. A mount with {@code --volumes} may have several.
 *
 * @param mountPoint its real path
 */
record StatusEntry(Path mountPoint, Path file, long sizeBytes, ArrayView view) {
    /**
     * All arrays whose mounts this process can look into, sorted by mount point.
     *
     * @param failures is given a line for each mount that can't be asked; another user's mount is none
     */
    static List<StatusEntry> all(List<IOException> failures) throws IOException {
        List<StatusEntry> arrays = new ArrayList<>();
        for (Path mountPoint : new TreeSet<>(MountTable.ours())) {
            try {
                arrays.addAll(in(MountedVolume.at(mountPoint)));
            } catch (IOException e) {
                if (!isOfAnother(mountPoint)) {
                    failures.add(e);
                }
            }
        }
        return arrays;
    }

    /** The arrays of these mounts. */
    static List<StatusEntry> at(List<Path> mountPoints, List<IOException> failures) {
        List<StatusEntry> arrays = new ArrayList<>();
        for (Path mountPoint : mountPoints) {
            try {
                arrays.addAll(in(MountedVolume.at(mountPoint)));
            } catch (IOException e) {
                failures.add(e);
            }
        }
        return arrays;
    }

    /** FUSE refuses all but the user who mounted. */
    private static boolean isOfAnother(Path mountPoint) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(mountPoint)) {
            return !files.iterator().hasNext();
        } catch (AccessDeniedException e) {
            return true;
        } catch (IOException | DirectoryIteratorException e) {
            return false;
        }
    }

    private static List<StatusEntry> in(MountedVolume first) throws IOException {
        List<StatusEntry> arrays = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(first.mountPoint())) {
            for (Path file : files) {
                MountedVolume volume = new MountedVolume(first.mountPoint(), file);
                Map<String, String> attributes = volume.attributes();
                // A partition or logical volume inside of an array has no level of its own.
                if (attributes.containsKey("level")) {
                    attributes.put(OwnLines.FRONTEND, volume.frontend());
                    arrays.add(new StatusEntry(first.mountPoint(), file, Files.size(file), new ArrayView(attributes)));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return arrays;
    }
}

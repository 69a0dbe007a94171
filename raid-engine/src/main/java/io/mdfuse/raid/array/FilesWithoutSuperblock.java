package io.mdfuse.raid.array;

import io.mdfuse.device.Access;
import io.mdfuse.device.FileDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberLocator;
import io.mdfuse.raid.superblock.Superblock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The files of a searched directory that have no md superblock at its usual positions. Such a file may be a member
 * whose image is longer than its disk was, or something that the user put there instead of members, such as images of
 * whole disks.
 */
final class FilesWithoutSuperblock {
    /**
     * If there are more such files, none is inspected: the directory is probably not one of disk images, and the
     * inspection reads up to 256 MiB of each.
     */
    private static final int MOST_INSPECTED = 32;

    private final List<Path> paths = new ArrayList<>();

    void add(Path path) {
        paths.add(path);
    }

    /**
     * Finds members among these files, by the longer search of {@link MemberLocator#findOverlong}.
     *
     * @param found receives each of them, with its superblock
     */
    void findOverlong(BiConsumer<Path, Superblock> found) throws IOException {
        if (paths.size() > MOST_INSPECTED) {
            return;
        }
        for (Path path : List.copyOf(paths)) {
            try (FileDevice device = FileDevice.open(path, Access.READ_ONLY, false)) {
                Optional<FoundDevice> overlong = MemberLocator.findOverlong(device);
                if (overlong.isPresent()) {
                    paths.remove(path);
                    found.accept(path, overlong.get().superblock());
                }
            }
        }
    }

    /**
     * The refusal of a search that found no array. It says what the first recognised file is.
     *
     * @param nothing the message if no file is recognised
     */
    ArrayRefusedException refusal(String nothing) throws IOException {
        for (Path path : paths.size() > MOST_INSPECTED ? List.<Path>of() : paths) {
            try (FileDevice device = FileDevice.open(path, Access.READ_ONLY, false)) {
                MemberLocator.require(device);
            } catch (ArrayRefusedException e) {
                if (e.reason() != Reason.MISSING
                        || !String.valueOf(e.getMessage()).endsWith("of an array")) {
                    return new ArrayRefusedException(e.reason(), nothing + "; " + e.getMessage());
                }
            }
        }
        return new ArrayRefusedException(Reason.MISSING, nothing);
    }
}

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
 * The files of a searched directory that have no md superblock at its place: members that are longer than their disk
 * was, and what a user may have put there instead of members, such as images of whole disks.
 */
final class Strangers {
    /** A directory that holds more of them is no directory of disk images; a long look at each would take too long. */
    private static final int MOST = 32;

    private final List<Path> paths = new ArrayList<>();

    void add(Path path) {
        paths.add(path);
    }

    /** Hands over those that are members all the same. */
    void overlong(BiConsumer<Path, Superblock> member) throws IOException {
        if (paths.size() > MOST) {
            return;
        }
        for (Path path : List.copyOf(paths)) {
            try (FileDevice device = FileDevice.open(path, Access.READ_ONLY, false)) {
                Optional<FoundDevice> found = MemberLocator.findOverlong(device);
                if (found.isPresent()) {
                    paths.remove(path);
                    member.accept(path, found.get().superblock());
                }
            }
        }
    }

    /** A search that found nothing, with what the first of these files is, if that is recognised. */
    ArrayRefusedException refusal(String nothing) throws IOException {
        for (Path path : paths.size() > MOST ? List.<Path>of() : paths) {
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

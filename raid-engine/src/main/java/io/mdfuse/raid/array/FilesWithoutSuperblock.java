package io.mdfuse.raid.array;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.spec.SpecifiedDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MemberLocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The files of a searched directory that have no md superblock at its usual positions. Such a file may be a member
 * whose image is longer than its disk was, or something that the user put there instead of members, such as images of
 * disks that are no members.
 */
final class FilesWithoutSuperblock {
    /**
     * If there are more such files, none is inspected: the directory is probably not one of disk images, and the
     * inspection reads up to 256 MiB of each.
     */
    private static final int MOST_INSPECTED = 32;

    private final List<DeviceSpec> devices = new ArrayList<>();

    void add(DeviceSpec device) {
        devices.add(device);
    }

    /**
     * Finds members among these files, by the longer search of {@link MemberLocator#findOverlong}.
     *
     * @param found receives each of them, with its superblock
     */
    void findOverlong(Consumer<InspectedDevice.Found> found) throws IOException {
        if (devices.size() > MOST_INSPECTED) {
            return;
        }
        for (DeviceSpec spec : List.copyOf(devices)) {
            try (BlockDevice device = SpecifiedDevice.open(spec, Access.READ_ONLY, false)) {
                Optional<FoundDevice> overlong = MemberLocator.findOverlong(device);
                if (overlong.isPresent()) {
                    devices.remove(spec);
                    found.accept(new InspectedDevice.Found(spec, overlong.get().superblock()));
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
        for (DeviceSpec spec : devices.size() > MOST_INSPECTED ? List.<DeviceSpec>of() : devices) {
            try (BlockDevice device = SpecifiedDevice.open(spec, Access.READ_ONLY, false)) {
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

package io.mdfuse.raid.array;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.ByteRanges;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.spec.MapFiles;
import io.mdfuse.raid.spec.SpecifiedDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known to be unreadable of the devices of an array before it is opened: holes of rescued images, and ends that
 * are missing. An array with such devices is never opened for writing: a complete image may still be rescued, and each
 * write would make that image older than the array.
 *
 * @param lines a line for each device with a map or with unreadable parts
 * @param any true if a device has unreadable parts
 */
public record UnreadableParts(List<String> lines, boolean any) {
    /** Looks at the maps and sizes of the devices; opens each and closes it again. */
    public static UnreadableParts of(List<DeviceSpec> devices) throws IOException {
        List<String> lines = new ArrayList<>();
        boolean any = false;
        for (DeviceSpec spec : devices) {
            try (BlockDevice device = SpecifiedDevice.open(spec, Access.READ_ONLY, false)) {
                ByteRanges holes = device.unreadable();
                Optional<Path> map = MapFiles.of(spec);
                any |= !holes.isEmpty();
                if (!holes.isEmpty()) {
                    lines.add(device.name() + ": " + holes.totalBytes() + " bytes at " + holes.count()
                            + (holes.count() == 1 ? " place" : " places") + " were not read"
                            + map.map(file -> ifHealed(file, " and not healed") + ", as its map " + file + " says")
                                    .orElse(": the image is cut short"));
                } else if (map.isPresent()) {
                    lines.add(device.name() + ": all of it was read" + ifHealed(map.get(), " or healed")
                            + ", as its map " + map.get() + " says");
                }
            }
        }
        return new UnreadableParts(List.copyOf(lines), any);
    }

    private static String ifHealed(Path map, String words) {
        return MapFiles.isHealed(map) ? words : "";
    }

    /** Refuses to write to devices with unreadable parts. */
    static void refuseToWrite(List<? extends BlockDevice> devices) throws ArrayRefusedException {
        for (BlockDevice device : devices) {
            if (!device.unreadable().isEmpty()) {
                throw new ArrayRefusedException(
                        Reason.UNSAFE,
                        device.name() + ": " + device.unreadable().totalBytes() + " bytes of it were not read when the"
                                + " image was made, so it is not written: mount with --read-only, or give a complete"
                                + " image (,map=none if its map is not right any more)");
            }
        }
    }
}

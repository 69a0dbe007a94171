package io.mdfuse.cli;

import io.mdfuse.device.DeviceNumber;
import io.mdfuse.raid.array.DeviceState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * A device of a mounted array, as {@code mdadm --detail} lists it.
 *
 * @param number its number in the superblocks
 * @param slot the slot that it has or is being rebuilt for; {@link #NO_SLOT} if none
 * @param name its path or URI
 */
record ArrayDevice(int number, int slot, DeviceState state, String name) {
    static final int NO_SLOT = -1;

    private static final int TYPE_MASK = 0170000;
    private static final int BLOCK_NODE = 0060000;

    /** The device numbers of a block device; two zeros for an image file and for a device of another machine. */
    DeviceNumber numbers() {
        try {
            Path path = Path.of(name);
            int mode = (Integer) Files.getAttribute(path, "unix:mode");
            if ((mode & TYPE_MASK) == BLOCK_NODE) {
                return DeviceNumber.of(path);
            }
        } catch (IOException | InvalidPathException | UnsupportedOperationException notLocal) {
            // A device that has gone, or that is a part of an image, has no number.
        }
        return DeviceNumber.NONE;
    }

    /** The words of mdadm's last column. */
    String words() {
        return switch (state) {
            case IN_SYNC -> "active sync";
            case REBUILDING, REPLACEMENT -> "spare rebuilding";
            case SPARE -> "spare";
            case JOURNAL -> "journal";
            case FAULTY -> "faulty";
            case REMOVED -> "removed";
        };
    }
}

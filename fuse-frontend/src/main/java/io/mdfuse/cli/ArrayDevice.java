package io.mdfuse.cli;

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
    private static final int MINOR_LOW_BITS = 8;
    private static final int MAJOR_MASK = 0xfff;
    private static final int MINOR_LOW_MASK = 0xff;
    private static final int MINOR_HIGH_SHIFT = 12;
    private static final long MINOR_HIGH_MASK = 0xfff00;

    /** The device numbers of a block device; two zeros for an image file and for a device of another machine. */
    record Numbers(int major, int minor) {}

    Numbers numbers() {
        try {
            Path path = Path.of(name);
            int mode = (Integer) Files.getAttribute(path, "unix:mode");
            if ((mode & TYPE_MASK) == BLOCK_NODE) {
                // The C library's dev_t: the minor number's low 8 bits, 12 bits of the major number, the rest.
                long number = (Long) Files.getAttribute(path, "unix:rdev");
                return new Numbers((int) ((number >> MINOR_LOW_BITS) & MAJOR_MASK), (int)
                        ((number & MINOR_LOW_MASK) | ((number >> MINOR_HIGH_SHIFT) & MINOR_HIGH_MASK)));
            }
        } catch (IOException | InvalidPathException | UnsupportedOperationException notLocal) {
            // A device that has gone, or that is a part of an image, has no number.
        }
        return new Numbers(0, 0);
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

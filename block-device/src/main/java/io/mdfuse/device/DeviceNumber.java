package io.mdfuse.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The two numbers of a device node, as makedev(3) of the GNU C library packs them into one. */
public record DeviceNumber(int major, int minor) {
    /** Of a file that is no device node. */
    public static final DeviceNumber NONE = new DeviceNumber(0, 0);

    /**
     * The numbers of a node; symbolic links are followed.
     *
     * @return {@link #NONE} for any other file
     * @throws IOException if there is no such file
     */
    public static DeviceNumber of(Path node) throws IOException {
        long packed = ((Number) Files.getAttribute(node, "unix:rdev")).longValue();
        long major = (packed >>> 8 & 0xfff) | (packed >>> 32 & 0xfffff000L);
        long minor = (packed & 0xff) | (packed >>> 12 & 0xffffff00L);
        return new DeviceNumber((int) major, (int) minor);
    }
}

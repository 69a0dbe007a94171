package io.mdfuse.bench;

import io.mdfuse.device.Access;
import io.mdfuse.device.FileDevice;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Serves a file as a disk with one slow head, until it is unmounted or a signal stops the process. Prints {@code ready}
 * once the file is usable.
 *
 * <p>Usage: {@code SlowMount FILE MOUNTPOINT SEEK_MICROS KIB_PER_SECOND}; the disk is called {@code slow}.
 */
public final class SlowMount {
    private SlowMount() {}

    public static void main(String[] arguments) throws IOException {
        FileDevice device = FileDevice.open(Path.of(arguments[0]), Access.READ_WRITE, false);
        long bytesPerMilli = Long.parseLong(arguments[3]) * 1024 / 1000;
        SlowVolume disk = new SlowVolume(device, Long.parseLong(arguments[2]), bytesPerMilli);
        // One thread, since with more, two requests of one stream could be served in the wrong order, and each would
        // cost a seek.
        System.exit(BenchMount.serve(disk, Path.of(arguments[1]), 1));
    }
}

package io.mdfuse.bench;

import io.mdfuse.device.Access;
import io.mdfuse.device.FileDevice;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Shows a file as a disk with one slow head, until it is unmounted or the process is told to stop. Prints {@code ready}
 * once the file is usable.
 *
 * <p>Usage: {@code SlowMount FILE MOUNTPOINT SEEK_MICROS}; the disk is called {@code slow}.
 */
public final class SlowMount {
    private SlowMount() {}

    public static void main(String[] arguments) throws IOException {
        FileDevice device = FileDevice.open(Path.of(arguments[0]), Access.READ_WRITE, false);
        System.exit(BenchMount.serve(new SlowVolume(device, Long.parseLong(arguments[2])), Path.of(arguments[1]), 2));
    }
}

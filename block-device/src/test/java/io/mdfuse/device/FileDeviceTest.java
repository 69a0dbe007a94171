package io.mdfuse.device;

import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** An image file through the host's page cache. */
final class FileDeviceTest extends BlockDeviceContract {
    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init")
    FileDeviceTest() {}

    @Override
    protected BlockDevice create() throws Exception {
        Path image = folder.resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE_BYTES);
        }
        return FileDevice.open(image, Access.READ_WRITE, false);
    }
}

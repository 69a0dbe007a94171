package io.mdfuse.device;

import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** An image file with direct I/O: half of the contract's requests need a window of {@link StagedTransfer}. */
final class FileDeviceDirectTest extends BlockDeviceContract {
    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init")
    FileDeviceDirectTest() {}

    @Override
    protected BlockDevice create() throws Exception {
        Path image = folder.resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE_BYTES);
        }
        return FileDevice.open(image, Access.READ_WRITE, true);
    }
}

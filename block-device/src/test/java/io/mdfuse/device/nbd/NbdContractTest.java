package io.mdfuse.device.nbd;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.BlockDeviceContract;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** What every block device must do, over nbdkit, which serves a file. */
class NbdContractTest extends BlockDeviceContract {
    @TempDir
    private Path directory;

    private @Nullable NbdServer server;

    @Override
    protected BlockDevice create() throws Exception {
        Path image = directory.resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE_BYTES);
        }
        NbdServer started = NbdServer.nbdkit(directory.resolve("socket"), "file", image.toString());
        server = started;
        return NbdDevice.open(started.uri(), Access.READ_WRITE);
    }

    @AfterEach
    void stopServer() throws Exception {
        if (server != null) {
            server.close();
        }
    }
}

package io.mdfuse.cli;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceException;
import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.spec.SpecifiedDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A device that is read without a lock, so that the superblocks of a mounted array can be shown too. The bytes may
 * change while they are read: good enough to print, and never to base a write on.
 */
final class PeekDevice implements BlockDevice {
    private final Path path;
    private final FileChannel channel;
    private final long sizeBytes;

    private PeekDevice(Path path, FileChannel channel, long sizeBytes) {
        this.path = path;
        this.channel = channel;
        this.sizeBytes = sizeBytes;
    }

    /** The file, block device or export as a whole. A server is asked for reading only; it has no locks. */
    static BlockDevice open(DeviceSpec spec) throws IOException {
        Optional<Path> file = spec.file();
        return file.isPresent() ? open(file.get()) : SpecifiedDevice.openWhole(spec, Access.READ_ONLY, false);
    }

    private static PeekDevice open(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw new DeviceOpenException(path.toString(), "is a directory, not an image file or a device");
        }
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            if (channel.size() == 0) {
                channel.close();
                throw DeviceOpenException.empty(path.toString());
            }
            return new PeekDevice(path, channel, channel.size());
        } catch (DeviceOpenException e) {
            throw e;
        } catch (NoSuchFileException e) {
            throw new DeviceOpenException(path.toString(), "does not exist");
        } catch (AccessDeniedException e) {
            throw new DeviceOpenException(path.toString(), DeniedAccess.words(path));
        } catch (IOException e) {
            throw new DeviceOpenException(path.toString(), "cannot be opened: " + e.getMessage());
        }
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        ByteBuffer buffer = target.asByteBuffer();
        try {
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, offsetBytes + buffer.position()) < 0) {
                    throw refused("read", offsetBytes, target.byteSize(), "it ends before");
                }
            }
        } catch (DeviceException e) {
            throw e;
        } catch (IOException e) {
            throw refused("read", offsetBytes, target.byteSize(), String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        throw refused("write", offsetBytes, source.byteSize(), "it is only looked at");
    }

    @Override
    public void flush() {}

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) {
        return false;
    }

    @Override
    public void close() throws DeviceException {
        try {
            channel.close();
        } catch (IOException e) {
            throw refused("close", 0, 0, String.valueOf(e.getMessage()));
        }
    }

    private DeviceException refused(String verb, long offsetBytes, long lengthBytes, String reason) {
        return new DeviceException(name(), verb, offsetBytes, lengthBytes, reason);
    }
}

package io.mdfuse.fuse;

import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** The content of a file as a volume that is only read. */
public record FileVolume(Path file) implements Volume {
    @Override
    public String name() {
        return file.getFileName().toString();
    }

    @Override
    public long sizeBytes() {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public boolean readOnly() {
        return true;
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            int read = channel.read(target.asByteBuffer(), offsetBytes);
            if (read != target.byteSize()) {
                throw new IOException("only " + read + " bytes at " + offsetBytes);
            }
        }
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void flush() {}

    @Override
    public void zero(long offsetBytes, long lengthBytes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, String> attributes() {
        return Map.of();
    }
}

package io.mdfuse.cli;

import io.mdfuse.device.ByteRanges;
import io.mdfuse.raid.spec.RescueMapText;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Standard output: every byte in its order, zeros for what can't be read; at the end a map, if one is wanted. */
final class ExportStream implements ExportTarget {
    private final FileChannel out;
    private final @Nullable Path map;
    private final String array;
    private long writtenBytes;
    private ByteRanges unreadable = ByteRanges.NONE;

    @SuppressWarnings("resource")
    ExportStream(@Nullable Path map, String array) throws IOException {
        if (map != null) {
            ExportMap.requireMayReplace(map);
            new RescueMapText(List.of(ExportMap.TITLE, array), 0, ByteRanges.NONE, ByteRanges.NONE)
                    .requireReplaceable(map);
        }
        this.map = map;
        this.array = array;
        // Closing the stream would close descriptor 1, which the process keeps.
        this.out = new FileOutputStream(FileDescriptor.out).getChannel();
    }

    @Override
    public ByteRanges done() {
        return ByteRanges.NONE;
    }

    @Override
    public void readBack(long offsetBytes, ByteBuffer target) {
        throw new IllegalStateException("nothing was written before");
    }

    @Override
    public void write(long offsetBytes, ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                writtenBytes += out.write(bytes);
            }
        } catch (IOException e) {
            throw new IOException(
                    "standard output can't be written: " + e.getMessage() + "; " + writtenBytes + " bytes are in it",
                    e);
        }
    }

    @Override
    public void unreadable(long offsetBytes, long lengthBytes) throws IOException {
        write(offsetBytes, ByteBuffer.allocate((int) lengthBytes));
        unreadable = unreadable.with(ByteRanges.of(offsetBytes, offsetBytes + lengthBytes));
    }

    @Override
    public void finish() throws IOException {
        if (map != null) {
            ByteRanges done = ByteRanges.of(0, writtenBytes).without(unreadable);
            new RescueMapText(List.of(ExportMap.TITLE, array), writtenBytes, done, unreadable).writeTo(map);
        }
    }

    @Override
    public void close() {}
}

package io.mdfuse.cli;

import io.mdfuse.device.ByteRanges;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Standard output: every byte in its order, zeros for what can't be read. */
final class ExportStream implements ExportTarget {
    private final FileChannel out;

    @SuppressWarnings("resource")
    ExportStream() {
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
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    @Override
    public void unreadable(long offsetBytes, long lengthBytes) throws IOException {
        write(offsetBytes, ByteBuffer.allocate((int) lengthBytes));
    }

    @Override
    public void finish() {}

    @Override
    public void close() {}
}

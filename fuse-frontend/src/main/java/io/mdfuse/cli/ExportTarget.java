package io.mdfuse.cli;

import io.mdfuse.device.ByteRanges;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the content of an array is written to, in ascending order. One thread uses it. */
interface ExportTarget extends AutoCloseable {
    /** What an earlier run has written already. */
    ByteRanges done();

    /** Fills the buffer with what an earlier run has written there. */
    void readBack(long offsetBytes, ByteBuffer target) throws IOException;

    /** Writes the bytes of the volume from this position on. */
    void write(long offsetBytes, ByteBuffer bytes) throws IOException;

    /** The volume can't be read there: the target has zeros. */
    void unreadable(long offsetBytes, long lengthBytes) throws IOException;

    /** Called when the whole volume was written or found unreadable. */
    void finish() throws IOException;

    @Override
    void close() throws IOException;
}

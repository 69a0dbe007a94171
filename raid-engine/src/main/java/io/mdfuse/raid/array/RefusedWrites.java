package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.lang.foreign.MemorySegment;

/** The write side of a read-only array: it refuses every change and never writes to a device. */
class RefusedWrites implements WriteSide {
    static ArrayRefusedException refused() {
        return new ArrayRefusedException(Reason.UNSUPPORTED, "the array is mounted read-only");
    }

    @Override
    public final boolean readOnly() {
        return true;
    }

    @Override
    public final void start() {}

    @Override
    public final void write(long offsetBytes, MemorySegment source) throws ArrayRefusedException {
        throw refused();
    }

    @Override
    public final void flush() {}

    @Override
    public final void zero(long offsetBytes, long lengthBytes) throws ArrayRefusedException {
        throw refused();
    }

    @Override
    public void close() {}
}

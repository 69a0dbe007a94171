package io.mdfuse.device;

import java.lang.foreign.MemorySegment;

/** A write, trim or flush of one of the disks of a {@link CrashTrace}. */
public sealed interface DiskEvent {
    /** The disk's number in the trace, from 0. */
    int disk();

    /** Makes all earlier changes of the disk durable. */
    record Flush(int disk) implements DiskEvent {}

    /** An event that changes bytes. It may be lost or torn until the disk is flushed. */
    sealed interface Change extends DiskEvent {
        long offsetBytes();

        long lengthBytes();

        /** Applies a part of the change to the image; the range is within the change, in bytes of the disk. */
        void applyTo(DiskImage image, long fromBytes, long toBytes);
    }

    /**
     * Bytes were written.
     *
     * @param bytes a copy of what was written; it is never changed
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Write(int disk, long offsetBytes, byte[] bytes) implements Change {
        @Override
        public long lengthBytes() {
            return bytes.length;
        }

        @Override
        public void applyTo(DiskImage image, long fromBytes, long toBytes) {
            image.write(fromBytes, MemorySegment.ofArray(bytes).asSlice(fromBytes - offsetBytes, toBytes - fromBytes));
        }

        @Override
        public String toString() {
            return "write to disk " + disk + " of " + bytes.length + " bytes at " + offsetBytes;
        }
    }

    /** A range was trimmed, and reads as zeros. */
    record Trim(int disk, long offsetBytes, long lengthBytes) implements Change {
        @Override
        public void applyTo(DiskImage image, long fromBytes, long toBytes) {
            image.zero(fromBytes, toBytes - fromBytes);
        }
    }
}

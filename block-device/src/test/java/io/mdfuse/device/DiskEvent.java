package io.mdfuse.device;

import java.lang.foreign.MemorySegment;

/** One thing that happened to one of the disks of a {@link CrashTrace}. */
public sealed interface DiskEvent {
    /** Which disk: its number in the trace, from 0. */
    int disk();

    /** Everything that happened to the disk before is durable from here on. */
    record Flush(int disk) implements DiskEvent {}

    /** An event that changes bytes, and may be lost or torn until the disk is flushed. */
    sealed interface Change extends DiskEvent {
        long offsetBytes();

        long lengthBytes();

        /** Makes a part of the change happen: the range lies within the change and is in bytes of the disk. */
        void applyTo(DiskImage image, long fromBytes, long toBytes);
    }

    /**
     * Bytes were written.
     *
     * @param bytes a copy of what was written; nobody changes it
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

    /** A range was given back, and reads as zeros. */
    record Trim(int disk, long offsetBytes, long lengthBytes) implements Change {
        @Override
        public void applyTo(DiskImage image, long fromBytes, long toBytes) {
            image.zero(fromBytes, toBytes - fromBytes);
        }
    }
}

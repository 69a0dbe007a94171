package io.mdfuse.raid.array.inside;

import io.mdfuse.raid.array.Volume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Where a range of a {@link MappedVolume} is. Offsets are in bytes from the start of the range. */
sealed interface Piece {
    /** Fills {@code target}, which lies completely in the range. */
    void read(long offsetBytes, MemorySegment target) throws IOException;

    /** A range of another volume. */
    record Linear(Volume below, long startBytes) implements Piece {
        @Override
        public void read(long offsetBytes, MemorySegment target) throws IOException {
            long from = startBytes + offsetBytes;
            if (from > below.sizeBytes() - target.byteSize()) {
                throw new IOException(below.name() + " ends at byte " + below.sizeBytes() + ", before byte "
                        + (from + target.byteSize()));
            }
            below.read(from, target);
        }
    }

    /** {@code stripeBytes} of each part in turn. */
    record Striped(List<Piece> parts, long stripeBytes) implements Piece {
        @Override
        public void read(long offsetBytes, MemorySegment target) throws IOException {
            for (long done = 0; done < target.byteSize(); ) {
                long stripe = (offsetBytes + done) / stripeBytes;
                long within = (offsetBytes + done) % stripeBytes;
                long length = Math.min(stripeBytes - within, target.byteSize() - done);
                parts.get((int) (stripe % parts.size()))
                        .read(stripe / parts.size() * stripeBytes + within, target.asSlice(done, length));
                done += length;
            }
        }
    }

    /** A range whose content is not there. */
    record Missing(String why) implements Piece {
        @Override
        public void read(long offsetBytes, MemorySegment target) throws IOException {
            throw new IOException(why);
        }
    }

    /** A range of zeros. */
    record Zeros() implements Piece {
        @Override
        public void read(long offsetBytes, MemorySegment target) {
            target.fill((byte) 0);
        }
    }
}

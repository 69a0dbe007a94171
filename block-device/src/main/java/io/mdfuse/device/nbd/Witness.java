package io.mdfuse.device.nbd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A few bytes that a server must still have when it comes back: the beginning of what was written last, or of the first
 * read before any write. A server whose disk was exchanged, or which kept durable writes in memory only, is noticed by
 * them. Used by one thread.
 */
final class Witness {
    private static final int MAX_BYTES = 4096;

    private long offsetBytes;
    private byte @Nullable [] bytes;

    /** To be called for each answered command without an error, before its memory is used otherwise. */
    void note(NbdCommand command) {
        switch (command.kind()) {
            case READ -> {
                if (bytes == null) {
                    take(command);
                }
            }
            case WRITE -> take(command);
            case ZERO -> doubt(command);
            case FLUSH -> {}
        }
    }

    @SuppressWarnings("restricted") // The thread that made the command keeps the memory allocated.
    private void take(NbdCommand command) {
        offsetBytes = command.offsetBytes();
        bytes = MemorySegment.ofAddress(command.address())
                .reinterpret(Math.min(MAX_BYTES, command.lengthBytes()))
                .toArray(ValueLayout.JAVA_BYTE);
    }

    /** What the command's range holds is not known any more. */
    void doubt(NbdCommand command) {
        byte[] known = bytes;
        if (known != null
                && command.offsetBytes() < offsetBytes + known.length
                && offsetBytes < command.offsetBytes() + command.lengthBytes()) {
            bytes = null;
        }
    }

    /** The read of the same bytes into {@code buffer}; null if nothing is known yet. */
    @Nullable
    NbdCommand question(MemorySegment buffer) {
        byte[] known = bytes;
        return known == null ? null : NbdCommand.read(offsetBytes, known.length, buffer.address());
    }

    /** Whether the answer is what it was. */
    boolean agrees(MemorySegment buffer) {
        byte[] known = bytes;
        return known == null || MemorySegment.ofArray(known).mismatch(buffer.asSlice(0, known.length)) < 0;
    }

    /** The size of the buffer for {@link #question}. */
    static int bufferBytes() {
        return MAX_BYTES;
    }
}

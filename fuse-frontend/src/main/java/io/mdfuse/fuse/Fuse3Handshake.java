package io.mdfuse.fuse;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.mdfuse.device.UntouchedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the kernel's first message, INIT, before the loop threads start, and adds one feature to libfuse's answer for
 * which libfuse has no name: {@code FUSE_HANDLE_KILLPRIV_V2}.
 *
 * <p>Without it the kernel asks for the attribute {@code security.capability} before each write, and the write waits
 * for the answer: two requests for each write, and the next write of the same program is not submitted meanwhile. With
 * it the kernel leaves to the file system what the attribute is asked for: that a write takes away the file's set-uid
 * bits and capabilities. The file has neither and can get neither, so there is nothing to do.
 *
 * <pre>
 *   /dev/fuse ──INIT──▶ read here ──▶ libfuse ──answer──▶ pipe ──▶ feature added here ──▶ /dev/fuse
 *
 *   both messages begin with a header:  INIT 40 bytes, answer 16 bytes (length, error, the request's number)
 *   behind it, each a uint32:           major, minor, max_readahead, flags (the features)
 * </pre>
 *
 * <p>The layout is that of linux/fuse.h, protocol 7.6 and later. A kernel before 5.11 does not offer the feature.
 */
final class Fuse3Handshake {
    private static final Logger LOG = LoggerFactory.getLogger(Fuse3Handshake.class);

    private static final int HANDLE_KILLPRIV_V2 = 1 << 28;

    private static final int INIT = 26;
    private static final long REQUEST_OPCODE = 4;
    private static final long REQUEST_FLAGS = 40 + 12;
    private static final long ANSWER_ERROR = 4;
    private static final long ANSWER_FLAGS = 16 + 12;

    /** The kernel takes no smaller buffer for a read than the longest request may need. */
    private static final int MESSAGE_BYTES = Fuse3Connection.MAX_REQUEST_BYTES + 8192;

    private static final int ANSWER_BYTES = 4096;

    /** {@code struct fuse_buf}: the message's length at 0, its address at 16; newer versions are longer. */
    private static final long BUFFER_BYTES = 64;

    private static final long BUFFER_SIZE = 0;
    private static final long BUFFER_MEMORY = 16;

    private Fuse3Handshake() {}

    /**
     * Has libfuse answer INIT. If anything fails on the way the mount is as it would be without this class, or it has
     * ended, which the loop threads find out.
     *
     * @param session libfuse's {@code struct fuse_session}, mounted; no thread serves it yet
     */
    static void run(Fuse3Functions functions, long session) {
        KernelDescriptor kernel = new KernelDescriptor(functions, functions.sessionDescriptor(session));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = UntouchedMemory.allocate(arena, MESSAGE_BYTES);
            long lengthBytes = kernel.read(request);
            if (lengthBytes <= 0) {
                return;
            }
            MemorySegment buffer = arena.allocate(BUFFER_BYTES, ADDRESS.byteAlignment());
            buffer.set(JAVA_LONG, BUFFER_SIZE, lengthBytes);
            buffer.set(ADDRESS, BUFFER_MEMORY, request);
            boolean offered = offers(request.asSlice(0, lengthBytes));
            MemorySegment space = arena.allocate(ANSWER_BYTES, ADDRESS.byteAlignment());
            long answerBytes = kernel.intercept(() -> functions.processBuffer(session, buffer.address()), space);
            if (answerBytes > 0) {
                MemorySegment answer = space.asSlice(0, answerBytes);
                if (offered) {
                    addFeature(answer);
                }
                if (!kernel.write(answer)) {
                    LOG.debug("the mount ended before the kernel's first message was answered");
                }
            }
        }
    }

    /** Whether this message is INIT, and offers the feature. */
    static boolean offers(MemorySegment request) {
        return request.byteSize() >= REQUEST_FLAGS + Integer.BYTES
                && request.get(JAVA_INT, REQUEST_OPCODE) == INIT
                && (request.get(JAVA_INT, REQUEST_FLAGS) & HANDLE_KILLPRIV_V2) != 0;
    }

    /** Adds the feature to an answer that accepts the connection. */
    static void addFeature(MemorySegment answer) {
        if (answer.byteSize() >= ANSWER_FLAGS + Integer.BYTES && answer.get(JAVA_INT, ANSWER_ERROR) == 0) {
            answer.set(JAVA_INT, ANSWER_FLAGS, answer.get(JAVA_INT, ANSWER_FLAGS) | HANDLE_KILLPRIV_V2);
        }
    }
}

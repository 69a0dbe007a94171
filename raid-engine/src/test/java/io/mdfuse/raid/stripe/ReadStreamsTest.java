package io.mdfuse.raid.stripe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What is read ahead of streams of reads, and that reads at random places cause none. */
class ReadStreamsTest {
    private static final long KIB = 1024;
    private static final long AHEAD = ReadStreams.AHEAD_BYTES;

    private final ReadStreams streams = new ReadStreams();

    @Test
    void theSecondReadOfAStreamIsTheFirstThatContinuesOne() {
        assertEquals(ReadStreams.NO_STREAM, streams.note(0, 64 * KIB), "no earlier read ended here");
        assertEquals(64 * KIB, streams.note(64 * KIB, 64 * KIB), "nothing was named before");
        assertEquals(128 * KIB + AHEAD, streams.note(128 * KIB, 64 * KIB), "the second read named so much");
        assertEquals(192 * KIB + AHEAD, streams.note(192 * KIB, 4 * KIB));
    }

    /** A request may be longer than what is read ahead: a part of it was not named before. */
    @Test
    void ofALongReadNoMoreIsNamedThanWhatIsReadAhead() {
        long length = 3 * AHEAD;
        streams.note(0, length);
        assertEquals(length, streams.note(length, length));
        assertEquals(2 * length + AHEAD, streams.note(2 * length, length));
    }

    @Test
    void severalStreamsAreFollowedSideBySide() {
        for (int stream = 0; stream < 16; stream++) {
            streams.note((long) stream << 30, 4 * KIB);
        }
        for (int stream = 0; stream < 16; stream++) {
            long at = ((long) stream << 30) + 4 * KIB;
            assertEquals(at, streams.note(at, 4 * KIB));
        }
    }

    @Test
    void randomReadsPushAStreamOut() {
        streams.note(0, 4 * KIB);
        for (int i = 1; i <= 16; i++) {
            assertEquals(ReadStreams.NO_STREAM, streams.note(i * 1000L * KIB, 4 * KIB));
        }
        assertEquals(ReadStreams.NO_STREAM, streams.note(4 * KIB, 4 * KIB), "the stream was forgotten");
    }
}

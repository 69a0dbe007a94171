package io.mdfuse.raid.stripe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What is read ahead of streams of reads, and that reads at random places cause none. */
class ReadStreamsTest {
    private static final long KIB = 1024;
    private static final long AHEAD = ReadStreams.AHEAD_BYTES;

    private final ReadStreams streams = new ReadStreams();

    @Test
    void theSecondReadOfAStreamNamesAllThatIsAheadAndLaterOnesTheRest() {
        assertEquals(64 * KIB + AHEAD, streams.note(0, 64 * KIB), "nothing: no earlier read ended here");
        assertEquals(128 * KIB, streams.note(64 * KIB, 64 * KIB), "all that is ahead");
        assertEquals(128 * KIB + AHEAD, streams.note(128 * KIB, 64 * KIB), "what was not named before");
        assertEquals(192 * KIB + AHEAD, streams.note(192 * KIB, 4 * KIB));
    }

    /** A request may be longer than what is read ahead: nothing before its own end is named. */
    @Test
    void longReadsNameOnlyWhatFollowsThem() {
        long length = 3 * AHEAD;
        streams.note(0, length);
        assertEquals(2 * length, streams.note(length, length));
        assertEquals(3 * length, streams.note(2 * length, length));
    }

    @Test
    void severalStreamsAreFollowedSideBySide() {
        for (int stream = 0; stream < 16; stream++) {
            streams.note((long) stream << 30, 4 * KIB);
        }
        for (int stream = 0; stream < 16; stream++) {
            long at = ((long) stream << 30) + 4 * KIB;
            assertEquals(at + 4 * KIB, streams.note(at, 4 * KIB));
        }
    }

    @Test
    void randomReadsReadNothingAheadAndPushAStreamOut() {
        streams.note(0, 4 * KIB);
        for (int i = 1; i <= 16; i++) {
            long at = i * 1000L * KIB;
            assertEquals(at + 4 * KIB + AHEAD, streams.note(at, 4 * KIB));
        }
        assertEquals(8 * KIB + AHEAD, streams.note(4 * KIB, 4 * KIB), "the stream was forgotten");
    }
}

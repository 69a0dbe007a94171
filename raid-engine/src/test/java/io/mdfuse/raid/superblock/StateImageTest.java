package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of one byte of a lockless bitmap, by md's table of states. */
class StateImageTest {
    private static final int CHUNKS = 3000;

    private static StateImage image(int pieceBytes, ChunkState state) {
        BitmapSuperblock head = new BitmapSuperblock(6, new byte[16], 1, 0, CHUNKS * 128L, 0, 128 * 512, 30, 0, 256);
        return new StateImage(head, CHUNKS * 128L, pieceBytes, new ChunkStates(128, CHUNKS, state));
    }

    private static BitSet chunks(int... chunks) {
        BitSet set = new BitSet();
        for (int chunk : chunks) {
            set.set(chunk);
        }
        return set;
    }

    @ParameterizedTest
    @CsvSource({
        "UNWRITTEN,NEED_SYNC,NEED_SYNC",
        "CLEAN,DIRTY,NEED_SYNC",
        "CLEAN_UNWRITTEN,DIRTY,NEED_SYNC",
        "DIRTY,DIRTY,DIRTY",
        "NEED_SYNC,NEED_SYNC,NEED_SYNC",
        "SYNCING,SYNCING,SYNCING"
    })
    void aWriteMarksAChunk(ChunkState before, ChunkState after, ChunkState whileDegraded) {
        StateImage complete = image(512, before);
        assertTrue(complete.mark(chunks(9), false).get(9));
        assertEquals(after, complete.states().get(9));
        StateImage degraded = image(512, before);
        degraded.mark(chunks(9), true);
        assertEquals(whileDegraded, degraded.states().get(9));
        assertEquals(before, degraded.states().get(10));
    }

    /** A piece of 512 bytes has 512 states; the head and what follows it take the first two, or a part of the first. */
    @ParameterizedTest
    @CsvSource({"512,0,512", "1024,0,1024", "4096,0,3000"})
    void theSecondMarkOfAPieceMarksAllOfIt(int pieceBytes, int from, int end) {
        StateImage image = image(pieceBytes, ChunkState.UNWRITTEN);
        assertEquals(chunks(3), image.mark(chunks(3), false));
        BitSet marked = image.mark(chunks(8), false);
        assertEquals(end - from, marked.cardinality());
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            ChunkState expected = chunk >= from && chunk < end ? ChunkState.NEED_SYNC : ChunkState.UNWRITTEN;
            assertEquals(expected, image.states().get(chunk), "chunk " + chunk);
        }
    }

    @Test
    void onlyTheChangedPageIsWritten() {
        StateImage image = image(512, ChunkState.CLEAN);
        image.mark(chunks(0), false);
        assertEquals(chunks(0), image.takeChangedPages());
        image.mark(chunks(2999), false);
        assertEquals(chunks(0), image.takeChangedPages(), "the first page has 3072 states");
        image.setInMemory(0, ChunkState.NEED_SYNC);
        assertTrue(image.takeChangedPages().isEmpty());
    }

    @Test
    void aByteThatIsNotKnownIsNeedSync() {
        assertEquals(ChunkState.NEED_SYNC, ChunkState.of((byte) 8));
        assertEquals(ChunkState.NEED_SYNC, ChunkState.of((byte) 0xff));
        for (ChunkState state : ChunkState.values()) {
            assertEquals(state, ChunkState.of(state.code()));
        }
    }

    @Test
    void openingForgetsWhatWasUnderWay() {
        List<ChunkState> opened = List.of(
                ChunkState.UNWRITTEN,
                ChunkState.CLEAN,
                ChunkState.NEED_SYNC,
                ChunkState.NEED_SYNC,
                ChunkState.NEED_SYNC,
                ChunkState.UNWRITTEN,
                ChunkState.UNWRITTEN,
                ChunkState.CLEAN_UNWRITTEN);
        for (int code = 0; code < 8; code++) {
            assertEquals(opened.get(code), ChunkState.of((byte) code).whenOpened());
        }
        assertFalse(ChunkState.CLEAN_UNWRITTEN.isSynced(), "there is no content to compare");
    }

    /** md's sizes: 64 KiB, doubled until the states fit; here they fit behind the head as well. */
    @ParameterizedTest
    @CsvSource({"129024,65536", "16646144,65536", "16646145,131072", "33292288,131072", "33292289,262144"})
    void theChunkSizeFollowsFromTheMembers(long memberSectors, long chunkBytes) {
        assertEquals(chunkBytes, BitmapSuperblock.locklessChunkBytes(memberSectors, 256));
    }
}

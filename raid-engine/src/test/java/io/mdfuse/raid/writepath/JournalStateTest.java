package io.mdfuse.raid.writepath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mdfuse.raid.superblock.JournalMode;
import org.junit.jupiter.api.Test;

class JournalStateTest {
    @Test
    void anAbandonedJournalStaysAbandoned() {
        JournalState.Holder state = new JournalState.Holder();
        assertEquals(JournalMode.WRITE_THROUGH, state.get().mode());
        assertTrue(state.moveTo(JournalState.WRITE_BACK));
        assertEquals(JournalMode.WRITE_BACK, state.get().mode());
        assertTrue(state.moveTo(JournalState.WRITE_BACK));
        assertTrue(state.moveTo(JournalState.WRITE_THROUGH));
        assertTrue(state.moveTo(JournalState.ABANDONED));
        assertTrue(state.moveTo(JournalState.ABANDONED));
        for (JournalState mode : new JournalState[] {JournalState.WRITE_BACK, JournalState.WRITE_THROUGH}) {
            assertFalse(state.moveTo(mode));
            assertEquals(JournalState.ABANDONED, state.get());
        }
        assertEquals(JournalMode.WRITE_THROUGH, state.get().mode());
    }
}

package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RecoveryPositionTest {
    @Test
    void itTellsWhichStripesAreHeld() {
        assertTrue(RecoveryPosition.inSync().hasPassed(Long.MAX_VALUE));
        assertFalse(RecoveryPosition.none().hasPassed(8));
        assertTrue(RecoveryPosition.none().hasPassed(0));
        assertTrue(RecoveryPosition.at(16).hasPassed(16));
        assertFalse(RecoveryPosition.at(16).hasPassed(24));
    }

    @Test
    void itCountsTheSectorsThatAMemberHolds() {
        assertEquals(128, RecoveryPosition.inSync().heldSectors(128));
        assertEquals(0, RecoveryPosition.none().heldSectors(128));
        assertEquals(16, RecoveryPosition.at(16).heldSectors(128));
        assertEquals(128, RecoveryPosition.at(4096).heldSectors(128));
    }

    /** A rebuild that has passed all stripes is at the end until the superblocks call the member in sync. */
    @Test
    void theEndIsNotYetInSync() {
        assertFalse(RecoveryPosition.at(128).isInSync());
        assertNotEquals(RecoveryPosition.inSync(), RecoveryPosition.at(128));
    }

    @Test
    void inSyncIsNotNoneAlthoughBothAreStoredAs0() {
        assertEquals(0, RecoveryPosition.inSync().storedSectors());
        assertEquals(0, RecoveryPosition.none().storedSectors());
        assertNotEquals(RecoveryPosition.inSync(), RecoveryPosition.none());
        assertFalse(RecoveryPosition.inSync().isNone());
        assertTrue(RecoveryPosition.none().isNone());
        assertEquals(RecoveryPosition.none(), RecoveryPosition.at(0));
    }

    @Test
    void aPositionIsNotNegative() {
        assertThrows(IllegalArgumentException.class, () -> RecoveryPosition.at(-1));
    }
}

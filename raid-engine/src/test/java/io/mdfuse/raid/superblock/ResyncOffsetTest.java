package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ResyncOffsetTest {
    @Test
    void everyStoredNumberIsOneOfTheThree() {
        assertTrue(ResyncOffset.ofStored(-1).isInSync());
        assertTrue(ResyncOffset.ofStored(0).isDirty());
        assertEquals(4096, ResyncOffset.ofStored(4096).stripeSector());
        assertTrue(ResyncOffset.ofStored(-2).isDirty(), "beyond any device");
        assertEquals(ResyncOffset.dirty(), ResyncOffset.at(0));
        assertThrows(IllegalArgumentException.class, () -> ResyncOffset.at(-1));
    }

    @Test
    void theStoredNumberIsKept() {
        for (long stored : new long[] {-1, 0, 8, 1L << 40}) {
            assertEquals(stored, ResyncOffset.ofStored(stored).storedSectors());
        }
    }

    @Test
    void parityIsCorrectBelowTheOffset() {
        assertTrue(ResyncOffset.inSync().hasPassed(Long.MAX_VALUE));
        assertFalse(ResyncOffset.dirty().hasPassed(8));
        assertTrue(ResyncOffset.at(16).hasPassed(16));
        assertFalse(ResyncOffset.at(16).hasPassed(24));
        assertThrows(IllegalStateException.class, () -> ResyncOffset.inSync().stripeSector());
    }
}

package io.mdfuse.raid.create;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.MetadataVersion;
import org.junit.jupiter.api.Test;

/** Compares the layout of a bitmap with mdadm's rules. */
class BitmapPlanTest {
    private static final long TEBIBYTE_SECTORS = 1L << 31;

    @Test
    void theDefaultChunkFitsTheRoomAndIsNotShort() throws ArrayRefusedException {
        assertEquals(new BitmapPlan(8, 64 << 20), BitmapPlan.of(MetadataVersion.V1_2, 8, 1 << 20, 0));
        assertEquals(new BitmapPlan(8, 64 << 20), BitmapPlan.of(MetadataVersion.V1_1, 256, TEBIBYTE_SECTORS, 0));
        // 128 KiB hold 1046528 bits, and 64 TiB in chunks of 64 MiB need one more than 1048576.
        assertEquals(new BitmapPlan(8, 128 << 20), BitmapPlan.of(MetadataVersion.V1_2, 256, 64 * TEBIBYTE_SECTORS, 0));
    }

    @Test
    void version10HasItRightBeforeTheBadBlockLog() throws ArrayRefusedException {
        assertEquals(new BitmapPlan(-16, 64 << 20), BitmapPlan.of(MetadataVersion.V1_0, 8, 32640, 0));
        assertEquals(new BitmapPlan(-16, 4096), BitmapPlan.of(MetadataVersion.V1_0, 8, 32640, 4096));
        assertEquals(new BitmapPlan(-24, 4096), BitmapPlan.of(MetadataVersion.V1_0, 128, 8 * 32768, 4096));
    }

    @Test
    void tooManyBitsAreRefused() {
        assertThrows(ArrayRefusedException.class, () -> BitmapPlan.of(MetadataVersion.V1_2, 8, 1 << 20, 4096));
        assertThrows(ArrayRefusedException.class, () -> BitmapPlan.of(MetadataVersion.V1_2, 0, 1 << 10, 0));
    }
}

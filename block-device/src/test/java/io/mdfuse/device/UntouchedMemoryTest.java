package io.mdfuse.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class UntouchedMemoryTest {
    private static final long BYTES = 256L << 20;

    private static long residentKib() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            String line =
                    lines.filter(it -> it.startsWith("VmRSS:")).findFirst().orElseThrow();
            return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
    }

    @Test
    void onlyWrittenPagesAreResident() throws IOException {
        long before = residentKib();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = UntouchedMemory.allocate(arena, BYTES);
            assertTrue(residentKib() - before < (BYTES >> 10) / 2, "the memory is resident before it is used");
            assertEquals(BYTES, memory.byteSize());
            assertEquals(0, memory.address() % Sectors.BLOCK_BYTES);
            assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, BYTES - 1));
            memory.fill((byte) 1);
            assertTrue(residentKib() - before > (BYTES >> 10) / 2, "the memory that was written is not counted");
        }
        assertTrue(residentKib() - before < (BYTES >> 10) / 2, "the memory was not given back");
    }

    @Test
    void theArenaEndsItsUse() {
        Arena arena = Arena.ofConfined();
        MemorySegment memory = UntouchedMemory.allocate(arena, Sectors.BLOCK_BYTES);
        arena.close();
        assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    void whatTheSystemDoesNotGrantIsAnError() {
        try (Arena arena = Arena.ofConfined()) {
            assertThrows(OutOfMemoryError.class, () -> UntouchedMemory.allocate(arena, 1L << 60));
        }
    }
}

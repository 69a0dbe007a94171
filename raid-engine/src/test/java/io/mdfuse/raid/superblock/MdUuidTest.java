package io.mdfuse.raid.superblock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** The text of a UUID, as mdadm prints it and in the common form. */
final class MdUuidTest {
    @Test
    void uuidsInBothForms() {
        byte[] uuid = SampleSuperblock.of(0).setUuid();
        assertArrayEquals(uuid, MdUuid.parse("00010203:04050607:08090a0b:0c0d0e0f"));
        assertArrayEquals(uuid, MdUuid.parse("00010203-0405-0607-0809-0A0B0C0D0E0F"));
        assertEquals("00010203:04050607:08090a0b:0c0d0e0f", MdUuid.format(uuid));
        for (String wrong : new String[] {"", "00010203", "0".repeat(33), "x".repeat(32)}) {
            assertThrows(IllegalArgumentException.class, () -> MdUuid.parse(wrong));
        }
    }
}

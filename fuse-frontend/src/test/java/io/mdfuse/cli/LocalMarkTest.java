package io.mdfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LocalMarkTest {
    /** mdadm 4.2 on a host named nas printed the mark for this UUID of metadata 0.90. */
    @Test
    void theUuidOfMetadata090NamesItsHost() {
        String uuid = "3fa8d3b3:0745edb4:c7780c0e:bc15422d";
        assertEquals(" (local to host nas)", LocalMark.afterUuid(uuid, "nas"));
        assertEquals("", LocalMark.afterUuid(uuid, "other"));
        assertEquals("", LocalMark.afterUuid(uuid, ""));
    }
}

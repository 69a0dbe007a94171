package io.mdfuse.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MountTableTest {
    @Test
    void readsLinesWithAnyNumberOfOptionalFields() {
        MountTable.Entry plain =
                MountTable.parse("36 35 98:0 /mnt1 /mnt2 rw,noatime - ext3 /dev/root rw,errors=continue");
        assertEquals(new MountTable.Entry("98:0", Path.of("/mnt2"), "ext3", "/dev/root"), plain);
        assertFalse(plain.isOurs());
        MountTable.Entry ours =
                MountTable.parse("99 35 0:41 / /a/b rw master:1 shared:2 - fuse.mdfuse mdfuse:vol rw,user_id=0");
        assertEquals("mdfuse:vol", ours.source());
        assertTrue(ours.isOurs());
    }

    @Test
    void undoesTheKernelsEscapes() {
        MountTable.Entry entry = MountTable.parse("1 2 0:3 / /a\\040b\\134c\\011d rw - fuse.mdfuse mdfuse:x\\040y rw");
        assertEquals(Path.of("/a b\\c\td"), entry.mountPoint());
        assertEquals("mdfuse:x y", entry.source());
    }

    @Test
    void knowsWhatIsMountedHere() throws Exception {
        assertNotNull(MountTable.at(Path.of("/proc")));
        assertNull(MountTable.at(Path.of("/proc/self")));
    }
}

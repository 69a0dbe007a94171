package io.mdfuse.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class MountOptionsTest {
    @Test
    void mdfusesOptionsComeFirstAndTheUsersLast() {
        List<String> arguments = new MountOptions(4, List.of("allow_other", "umask=022")).toArguments("vol", true);
        assertEquals(
                List.of(
                        "-o",
                        "big_writes,max_background=64,default_permissions,noforget,subtype=mdfuse,fsname=mdfuse:vol,ro",
                        "-o",
                        "allow_other",
                        "-o",
                        "umask=022"),
                arguments);
        assertFalse(MountOptions.usual().toArguments("vol", false).get(1).contains(",ro"));
    }

    @Test
    void aNameCannotSmuggleInAnOption() {
        assertTrue(MountOptions.usual()
                .toArguments("a,allow_other\\", false)
                .get(1)
                .endsWith("fsname=mdfuse:a\\,allow_other\\\\"));
    }

    @Test
    void nonEmptyIsFoundInAnyOfTheLists() {
        assertTrue(new MountOptions(1, List.of("a", "b,nonempty")).allowsNonEmpty());
        assertFalse(new MountOptions(1, List.of("nonemptyish")).allowsNonEmpty());
    }

    @Test
    void threadsAreBounded() {
        assertThrows(IllegalArgumentException.class, () -> new MountOptions(0, List.of()));
        assertThrows(IllegalArgumentException.class, () -> new MountOptions(257, List.of()));
        assertEquals(256, new MountOptions(256, List.of()).threads());
    }
}

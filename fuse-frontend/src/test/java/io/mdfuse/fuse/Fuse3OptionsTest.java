package io.mdfuse.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class Fuse3OptionsTest {
    private static Fuse3Options of(boolean readOnly, String... options) throws MountException {
        return Fuse3Options.of(new MountOptions(1, List.of(options), Frontend.FUSE3), "a,b", readOnly);
    }

    @Test
    void onlyWhatLibfuse3KnowsReachesIt() throws MountException {
        Fuse3Options options = of(true, "allow_other,nonempty", "umask=022,noatime,max_write=65536,sync_read");
        assertEquals(
                List.of(
                        "-o",
                        "default_permissions,noforget,subtype=mdfuse,fsname=mdfuse:a\\,b,ro,allow_other,umask=022"),
                options.arguments());
        assertEquals(Map.of("max_background", "64", "max_write", "65536", "sync_read", ""), options.connection());
    }

    @Test
    void theUsersOptionComesAfterMdfuses() throws MountException {
        assertEquals("7", of(false, "max_background=7").connection().get("max_background"));
    }

    @Test
    void theLongestReadIsToldToTheLibraryAndToTheConnection() throws MountException {
        Fuse3Options options = of(false, "max_read=131072");
        assertTrue(options.arguments().getLast().endsWith(",max_read=131072"));
        assertEquals("131072", options.connection().get("max_read"));
    }

    @Test
    void aNumberThatIsNoneIsRefused() {
        for (String word : List.of("max_write=", "max_background=many", "max_read=-1", "max_readahead=0x10")) {
            MountException refusal = assertThrows(MountException.class, () -> of(false, word));
            assertTrue(String.valueOf(refusal.getMessage()).startsWith("-o " + word), refusal::getMessage);
        }
    }

    /** What libfuse 3.14 to 3.18 parse; an option that is not among them would be refused at the mount. */
    private static final Set<String> OF_LIBFUSE_3 = Set.of(
            "ac_attr_timeout",
            "allow_other",
            "allow_root",
            "async",
            "attr_timeout",
            "auto_cache",
            "auto_unmount",
            "context",
            "debug",
            "defcontext",
            "default_permissions",
            "dev",
            "dirsync",
            "entry_timeout",
            "exec",
            "fscontext",
            "fsname",
            "gid",
            "kernel_cache",
            "max_read",
            "modules",
            "negative_timeout",
            "noauto_cache",
            "nodev",
            "noexec",
            "noforget",
            "nosuid",
            "remember",
            "ro",
            "rootcontext",
            "rw",
            "subtype",
            "suid",
            "sync",
            "uid",
            "umask");

    @Test
    void everyOptionThatTheCommandLineTakesIsTakenByLibfuse3() throws MountException {
        for (String name : FuseOptionNames.all()) {
            if (!name.equals("frontend=")) {
                String last = of(false, name.endsWith("=") ? name + "1" : name)
                        .arguments()
                        .getLast();
                for (String word : last.split("(?<!\\\\),", -1)) {
                    assertTrue(OF_LIBFUSE_3.contains(word.replaceFirst("=.*", "")), word);
                }
            }
        }
    }
}

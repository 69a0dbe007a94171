package io.mdfuse.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * A root that is a plain directory and no mount point, as in a root that debootstrap made or a rescue system's chroot.
 * The kernel's mount table has no line for this root, and some Java methods need one.
 */
class ChrootTest {
    @Test
    void anArrayIsMadeMountedAndUnmounted() throws IOException {
        Needs.mount();
        // For the mounts in the root.
        Needs.loopDevices();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Command.Result result = Command.run(
                    "unshare",
                    "--mount",
                    "--propagation",
                    "private",
                    "sh",
                    "-ec",
                    """
                    root=$1/root
                    mkdir -p $root/usr $root/etc $root/dev $root/proc $root/sys $root/tmp $root/mdfuse $root/a/mnt
                    for link in bin sbin lib lib64; do [ ! -L /$link ] || cp -a /$link $root/$link; done
                    for shared in usr etc dev proc sys; do mount --rbind /$shared $root/$shared; done
                    mount --bind $2 $root/mdfuse
                    chroot $root sh -ec '
                        cd /a
                        /mdfuse/bin/mdfuse create --level 5 --raid-devices 3 --size 5M a b c
                        /mdfuse/bin/mdfuse mount a b c mnt
                        ls mnt
                        /mdfuse/bin/mdfuse umount mnt'
                    """,
                    "sh",
                    scratch.directory().toString(),
                    Project.root().resolve("dist/mdfuse").toString());
            assertEquals(0, result.exitStatus(), result::toString);
            assertTrue(result.output().contains("md0"), result::toString);
        }
    }
}

package io.mdfuse.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Raises the kernel's read-ahead of a mount above the default of 128 KiB. */
final class MountReadAhead {
    private static final Logger LOG = LoggerFactory.getLogger(MountReadAhead.class);
    private static final String KIBIBYTES = "4096";

    private MountReadAhead() {}

    /** Raises the read-ahead if permitted, which needs root; otherwise only sequential reads are slower. */
    static void raise(Path realMountPoint) {
        try {
            MountTable.Entry mounted = MountTable.at(realMountPoint);
            if (mounted != null) {
                Files.writeString(Path.of("/sys/class/bdi", mounted.device(), "read_ahead_kb"), KIBIBYTES);
            }
        } catch (IOException notPermitted) {
            LOG.debug("read-ahead stays at its default: {}", notPermitted.getMessage());
        }
    }
}

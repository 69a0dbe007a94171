package io.mdfuse.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the kernel to read further ahead in a mount than the 128 KiB of its default. */
final class MountReadAhead {
    private static final Logger LOG = LoggerFactory.getLogger(MountReadAhead.class);
    private static final String KIBIBYTES = "4096";

    private MountReadAhead() {}

    /** Raises it where permitted, which is for root; elsewhere sequential reads are slower, and nothing else. */
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

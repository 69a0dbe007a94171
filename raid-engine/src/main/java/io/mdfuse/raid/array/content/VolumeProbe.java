package io.mdfuse.raid.array.content;

import java.io.IOException;
import java.util.Optional;

/** Recognises one family of contents at the start of a volume. */
@FunctionalInterface
interface VolumeProbe {
    /**
     * The content, if this probe recognises it.
     *
     * @throws IOException if a sector that the probe needs can't be read
     */
    Optional<VolumeContent> look(VolumeBytes bytes) throws IOException;
}

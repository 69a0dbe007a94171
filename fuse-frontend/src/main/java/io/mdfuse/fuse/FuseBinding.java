package io.mdfuse.fuse;

import java.nio.file.Path;

/**
 * The native layer of one mount: passes libfuse's callbacks to {@link ServedDirectory}. The object must stay
 * referenced until the session is freed, since libfuse calls into memory that it owns.
 */
interface FuseBinding {
    /** The front end and the version of its library, for people: {@code fuse3 (libfuse 3.14.0)}. */
    String description();

    /**
     * Mounts. The kernel holds every request back until a thread runs {@link NativeSession#loop}.
     *
     * @param mountPoint the real path of the directory
     * @throws MountException if libfuse refuses; then nothing is mounted. The message contains libfuse's own words
     */
    NativeSession mount(Path mountPoint, MountOptions options, String volumeName, boolean readOnly)
            throws MountException;
}

package io.mdfuse.device;

import org.jspecify.annotations.Nullable;

/**
 * The host has no space for a write: its file system is full (ENOSPC), a quota is used up (EDQUOT), or the write is
 * beyond the file size limit of the process (EFBIG, {@code ulimit -f}). The device has not failed: its content is
 * intact, and the same write may succeed later. A flush that fails with one of these error numbers throws another
 * {@link DeviceException}, since earlier writes may be lost.
 */
public final class NoSpaceException extends DeviceException {
    private static final long serialVersionUID = 1;

    /** The arguments are those of {@link DeviceException}. */
    public NoSpaceException(String deviceName, String verb, long offsetBytes, long lengthBytes, String reason) {
        super(deviceName, verb, offsetBytes, lengthBytes, reason, true);
    }

    /** The first NoSpaceException in the chain of causes that begins with {@code failure}; null if there is none. */
    public static @Nullable NoSpaceException findIn(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof NoSpaceException found) {
                return found;
            }
        }
        return null;
    }
}

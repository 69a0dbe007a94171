package io.mdfuse.device;

import org.jspecify.annotations.Nullable;

/**
 * The host has no room for what was to be written: its file system is full (ENOSPC), a quota is used up (EDQUOT), or
 * the file would grow beyond what the process may write (EFBIG, {@code ulimit -f}). The device has not failed: all that
 * it held before is there, and the same write can go well later. A flush that the host answers this way is not of this
 * kind, since what was written before may be lost.
 */
public final class NoSpaceException extends DeviceException {
    private static final long serialVersionUID = 1;

    /** The arguments are those of {@link DeviceException}. */
    public NoSpaceException(String deviceName, String verb, long offsetBytes, long lengthBytes, String reason) {
        super(deviceName, verb, offsetBytes, lengthBytes, reason, true);
    }

    /** The exception of this kind because of which {@code failure} was thrown; null if there is none. */
    public static @Nullable NoSpaceException behind(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof NoSpaceException found) {
                return found;
            }
        }
        return null;
    }
}

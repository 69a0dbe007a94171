package io.mdfuse.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which error numbers mean that the host has no space, and the exception for them. */
final class HostSpace {
    private HostSpace() {}

    /** True if the error number means that the host has no space, so that the device has not failed. */
    static boolean isOutOfSpace(int errno) {
        return errno == Errno.ENOSPC || errno == Errno.EDQUOT || errno == Errno.EFBIG;
    }

    /** The exception for a failed call; a {@link NoSpaceException} if the host has no space. */
    static DeviceException failure(String name, String verb, long offsetBytes, long lengthBytes, int errno) {
        String reason = LinuxCalls.message(errno);
        return isOutOfSpace(errno)
                ? new NoSpaceException(name, verb, offsetBytes, lengthBytes, reason + details(name, errno))
                : new DeviceException(name, verb, offsetBytes, lengthBytes, reason);
    }

    private static String details(String name, int errno) {
        if (errno == Errno.EFBIG) {
            return " (this process may write only the first " + LinuxCalls.fileSizeLimitBytes()
                    + " bytes of a file: ulimit -f)";
        }
        try {
            // The text of a FileStore is the mount point, and the device in parentheses.
            return " (on the file system " + Files.getFileStore(Path.of(name)) + ")";
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }
}

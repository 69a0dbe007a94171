package io.mdfuse.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the host's error numbers say of its room, and the words for it. */
final class HostSpace {
    private HostSpace() {}

    /** True if the error number says that the host lacks room, and nothing about the device. */
    static boolean lacksRoom(int errno) {
        return errno == Errno.ENOSPC || errno == Errno.EDQUOT || errno == Errno.EFBIG;
    }

    /** The exception for a call that the host refused; of the kind {@link NoSpaceException} if the host lacks room. */
    static DeviceException failure(String name, String verb, long offsetBytes, long lengthBytes, int errno) {
        String reason = LinuxCalls.message(errno);
        return lacksRoom(errno)
                ? new NoSpaceException(name, verb, offsetBytes, lengthBytes, reason + where(name, errno))
                : new DeviceException(name, verb, offsetBytes, lengthBytes, reason);
    }

    private static String where(String name, int errno) {
        if (errno == Errno.EFBIG) {
            return " (this process may write only the first " + LinuxCalls.fileSizeLimitBytes()
                    + " bytes of a file: ulimit -f)";
        }
        try {
            // Its words are the mount point, and the device in parentheses.
            return " (on the file system " + Files.getFileStore(Path.of(name)) + ")";
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }
}

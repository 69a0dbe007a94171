package io.mdfuse.device;

import java.io.IOException;

/** A request to a device failed. The message names the device, the request, the range and the reason. */
public class DeviceException extends IOException {
    private static final long serialVersionUID = 1;

    private final String deviceName;
    private final boolean hostOutOfSpace;

    /**
     * @param deviceName the device as the user named it
     * @param verb the request: read, write, flush, trim, reserve, open, close
     * @param offsetBytes the start of the range, in bytes from the start of the device; 0 if the request has no range
     * @param lengthBytes the length of the range in bytes; 0 if the request has no range
     * @param reason the host's error message, such as {@code Input/output error}
     */
    public DeviceException(String deviceName, String verb, long offsetBytes, long lengthBytes, String reason) {
        this(deviceName, verb, offsetBytes, lengthBytes, reason, false);
    }

    DeviceException(
            String deviceName, String verb, long offsetBytes, long lengthBytes, String reason, boolean hostOutOfSpace) {
        super(deviceName + ": " + verb + range(offsetBytes, lengthBytes) + " failed: " + reason);
        this.deviceName = deviceName;
        this.hostOutOfSpace = hostOutOfSpace;
    }

    /** The exception for a flush that failed because the host had no space for earlier writes, which may be lost. */
    public static DeviceException writesLostForLackOfSpace(String deviceName, String reason) {
        return new DeviceException(deviceName, "flush", 0, 0, reason, true);
    }

    /**
     * True if {@code failure} or one of its causes means that the host had no space, so that the device has not failed:
     * a {@link NoSpaceException}, after which the device's content is intact, or a flush after which earlier writes may
     * be lost.
     */
    public static boolean isHostOutOfSpace(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof DeviceException device && device.hostOutOfSpace) {
                return true;
            }
        }
        return false;
    }

    private static String range(long offsetBytes, long lengthBytes) {
        return lengthBytes == 0 ? "" : " of " + lengthBytes + " bytes at offset " + offsetBytes;
    }

    /** The device as the user named it. */
    public String deviceName() {
        return deviceName;
    }
}

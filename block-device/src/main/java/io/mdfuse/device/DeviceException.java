package io.mdfuse.device;

import java.io.IOException;

/** A device did not do what was asked of it. Names the device, the verb, the range, and the cause. */
public class DeviceException extends IOException {
    private static final long serialVersionUID = 1;

    private final String deviceName;
    private final boolean hostLackedRoom;

    /**
     * @param deviceName the device as the user named it
     * @param verb what was tried: read, write, flush, trim, open, close
     * @param offsetBytes where, in bytes from the start of the device; 0 where the verb has no place
     * @param lengthBytes how much, in bytes; 0 where the verb has no length
     * @param reason the host's word on why, such as {@code Input/output error}
     */
    public DeviceException(String deviceName, String verb, long offsetBytes, long lengthBytes, String reason) {
        this(deviceName, verb, offsetBytes, lengthBytes, reason, false);
    }

    DeviceException(
            String deviceName, String verb, long offsetBytes, long lengthBytes, String reason, boolean hostLackedRoom) {
        super(deviceName + ": " + verb + place(offsetBytes, lengthBytes) + " failed: " + reason);
        this.deviceName = deviceName;
        this.hostLackedRoom = hostLackedRoom;
    }

    /** A flush failed because the host had no room for what was written before, which may be lost. */
    public static DeviceException lostForWantOfRoom(String deviceName, String reason) {
        return new DeviceException(deviceName, "flush", 0, 0, reason, true);
    }

    /**
     * True if {@code failure}, or what caused it, says that the host had no room, which says nothing about the device:
     * a {@link NoSpaceException}, after which the device is as it was, or a flush that lost what was written.
     */
    public static boolean saysHostLackedRoom(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof DeviceException device && device.hostLackedRoom) {
                return true;
            }
        }
        return false;
    }

    private static String place(long offsetBytes, long lengthBytes) {
        return lengthBytes == 0 ? "" : " of " + lengthBytes + " bytes at offset " + offsetBytes;
    }

    /** The device as the user named it. */
    public String deviceName() {
        return deviceName;
    }
}

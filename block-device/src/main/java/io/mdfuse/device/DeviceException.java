package io.mdfuse.device;

import java.io.IOException;

/** A device did not do what was asked of it. Names the device, the verb, the range, and the cause. */
public class DeviceException extends IOException {
    private static final long serialVersionUID = 1;

    private final String deviceName;

    /**
     * @param deviceName the device as the user named it
     * @param verb what was tried: read, write, flush, trim, open, close
     * @param offsetBytes where, in bytes from the start of the device; 0 where the verb has no place
     * @param lengthBytes how much, in bytes; 0 where the verb has no length
     * @param reason the host's word on why, such as {@code Input/output error}
     */
    public DeviceException(String deviceName, String verb, long offsetBytes, long lengthBytes, String reason) {
        super(deviceName + ": " + verb + place(offsetBytes, lengthBytes) + " failed: " + reason);
        this.deviceName = deviceName;
    }

    private static String place(long offsetBytes, long lengthBytes) {
        return lengthBytes == 0 ? "" : " of " + lengthBytes + " bytes at offset " + offsetBytes;
    }

    /** The device as the user named it. */
    public String deviceName() {
        return deviceName;
    }
}

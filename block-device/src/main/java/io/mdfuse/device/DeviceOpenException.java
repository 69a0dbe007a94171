package io.mdfuse.device;

import java.io.IOException;

/** A device can't be opened. The message names the device, what was found, and what the user can do. */
public class DeviceOpenException extends IOException {
    private static final long serialVersionUID = 1;

    private final String deviceName;

    /**
     * @param deviceName the device as the user named it
     * @param reason what is wrong with the device, as the rest of a sentence that begins with its name
     */
    public DeviceOpenException(String deviceName, String reason) {
        super(deviceName + ": " + reason);
        this.deviceName = deviceName;
    }

    /** The device as the user named it. */
    public String deviceName() {
        return deviceName;
    }

    /** A device that has no byte. */
    public static DeviceOpenException empty(String name) {
        return new DeviceOpenException(
                name, "is empty: it has a size of 0 bytes; leave it out, or give the file that has the content");
    }
}

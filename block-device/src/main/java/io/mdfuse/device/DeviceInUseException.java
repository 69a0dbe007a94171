package io.mdfuse.device;

/** Somebody else uses the device; it was left alone. Opening it again may work once they have finished. */
public final class DeviceInUseException extends DeviceOpenException {
    private static final long serialVersionUID = 1;

    /**
     * @param deviceName the device as the user named it
     * @param reason who uses it, as far as that is known, and how to make them let go
     */
    public DeviceInUseException(String deviceName, String reason) {
        super(deviceName, reason);
    }
}

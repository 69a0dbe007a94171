package io.mdfuse.device;

/** The device is in use by the kernel or another process, so it was not opened. Opening it later may succeed. */
public final class DeviceInUseException extends DeviceOpenException {
    private static final long serialVersionUID = 1;

    /**
     * @param deviceName the device as the user named it
     * @param reason which process or kernel device uses it, as far as that is known, and how to end that use
     */
    public DeviceInUseException(String deviceName, String reason) {
        super(deviceName, reason);
    }
}

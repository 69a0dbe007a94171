package io.mdfuse.raid.array;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DeviceIdentity;
import io.mdfuse.device.DevicePaths;
import io.mdfuse.device.FileDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Devices that are opened together, all or none, and closed together. No device is opened twice. */
public final class OpenDevices implements AutoCloseable {
    private final List<BlockDevice> devices;

    private OpenDevices(List<BlockDevice> devices) {
        this.devices = devices;
    }

    /**
     * Opens the devices in the order given.
     *
     * @throws ArrayRefusedException DUPLICATE if two paths name the same device
     * @throws IOException if a device can't be opened; no device stays open then
     */
    public static OpenDevices open(List<Path> paths, Access access, boolean direct) throws IOException {
        requireDistinct(paths);
        List<BlockDevice> opened = new ArrayList<>();
        try {
            for (Path path : paths) {
                opened.add(FileDevice.open(path, access, direct));
            }
            return new OpenDevices(List.copyOf(opened));
        } catch (Throwable e) {
            CloseSteps closing = new CloseSteps(e);
            closing.run(new OpenDevices(opened)::close);
            throw closing.failure();
        }
    }

    private static void requireDistinct(List<Path> paths) throws IOException {
        Map<DeviceIdentity, Path> seen = new HashMap<>();
        for (Path path : paths) {
            Path other = seen.put(DevicePaths.identityOf(path), path);
            if (other != null) {
                throw new ArrayRefusedException(
                        Reason.DUPLICATE, path + ": is the same device as " + other + "; give each device once");
            }
        }
    }

    /** The devices in the order given. */
    public List<BlockDevice> list() {
        return devices;
    }

    /** Closes all devices, even if one of them fails to close, and then throws the first failure. */
    @Override
    public void close() throws IOException {
        CloseSteps closing = new CloseSteps();
        devices.forEach(device -> closing.run(device::close));
        closing.throwFirst();
    }
}

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

/** Several devices, opened together or not at all, and closed together. Each is a different one. */
public final class OpenDevices implements AutoCloseable {
    private final List<BlockDevice> devices;

    private OpenDevices(List<BlockDevice> devices) {
        this.devices = devices;
    }

    /**
     * Opens the devices in the order given.
     *
     * @throws ArrayRefusedException DUPLICATE if two paths lead to one device
     * @throws IOException if one cannot be opened; none is open then
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

    /** Closes each of them on every exception or error, and then reports the first that could not be closed. */
    @Override
    public void close() throws IOException {
        CloseSteps closing = new CloseSteps();
        devices.forEach(device -> closing.run(device::close));
        closing.throwFirst();
    }
}

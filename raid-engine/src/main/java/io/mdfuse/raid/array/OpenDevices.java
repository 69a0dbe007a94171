package io.mdfuse.raid.array;

import io.mdfuse.device.Access;
import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.DevicePaths;
import io.mdfuse.device.PartDevice;
import io.mdfuse.device.SharedDevice;
import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.spec.HealedMap;
import io.mdfuse.raid.spec.SpecifiedDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Devices that are opened together, all or none, and closed together. No device is opened twice: parts of one file
 * share its open device.
 */
public final class OpenDevices implements AutoCloseable {
    private final List<BlockDevice> devices;

    /**
     * Which bytes of which file a device is.
     *
     * @param file its DeviceIdentity; for an export its URI, so that two URIs of one export are not noticed
     */
    private record Extent(Object file, long startBytes, long endBytes, DeviceSpec spec) {
        static Extent of(Object file, BlockDevice device, DeviceSpec spec) {
            long start = device instanceof PartDevice part ? part.startBytes() : 0;
            return new Extent(file, start, start + device.sizeBytes(), spec);
        }

        void requireApart(Extent other) throws ArrayRefusedException {
            if (file.equals(other.file) && startBytes < other.endBytes && other.startBytes < endBytes) {
                boolean same = startBytes == other.startBytes && endBytes == other.endBytes;
                throw new ArrayRefusedException(
                        Reason.DUPLICATE,
                        spec + (same ? ": is the same device as " : ": has bytes in common with ") + other.spec
                                + "; give each device once");
            }
        }
    }

    private OpenDevices(List<BlockDevice> devices) {
        this.devices = devices;
    }

    /**
     * Opens the devices in the order given.
     *
     * @throws ArrayRefusedException DUPLICATE if two specifications mean the same bytes
     * @throws IOException if a device can't be opened; no device stays open then
     */
    public static OpenDevices open(List<DeviceSpec> specs, Access access, boolean direct) throws IOException {
        return open(specs, access, direct, Map.of());
    }

    /**
     * Opens the devices in the order given, to read; the holes of some images can be written.
     *
     * @param toHeal the maps of these images, begun; no other device lies in the same file
     */
    static OpenDevices openToHeal(List<DeviceSpec> specs, Map<DeviceSpec, HealedMap> toHeal, boolean direct)
            throws IOException {
        return open(specs, Access.READ_ONLY, direct, toHeal);
    }

    private static OpenDevices open(
            List<DeviceSpec> specs, Access access, boolean direct, Map<DeviceSpec, HealedMap> toHeal)
            throws IOException {
        List<Object> files = new ArrayList<>();
        for (DeviceSpec spec : specs) {
            files.add(
                    spec.file().isPresent() ? DevicePaths.identityOf(spec.file().get()) : spec.source());
        }
        List<BlockDevice> opened = new ArrayList<>();
        List<Extent> extents = new ArrayList<>();
        Map<Object, SharedDevice> shared = new HashMap<>();
        try {
            for (int index = 0; index < specs.size(); index++) {
                DeviceSpec spec = specs.get(index);
                Object file = files.get(index);
                HealedMap map = toHeal.get(spec);
                BlockDevice whole = Collections.frequency(files, file) == 1
                        ? SpecifiedDevice.openWhole(spec, map == null ? access : Access.READ_WRITE, direct)
                        : handle(shared, file, spec, access, direct);
                BlockDevice device =
                        map == null ? SpecifiedDevice.over(spec, whole) : SpecifiedDevice.toHeal(spec, whole, map);
                opened.add(device);
                if (access == Access.READ_WRITE) {
                    UnreadableParts.refuseToWrite(List.of(device));
                }
                Extent extent = Extent.of(file, device, spec);
                for (Extent other : extents) {
                    extent.requireApart(other);
                }
                extents.add(extent);
            }
            return new OpenDevices(List.copyOf(opened));
        } catch (Throwable e) {
            CloseSteps closing = new CloseSteps(e);
            closing.run(new OpenDevices(opened)::close);
            throw closing.failure();
        }
    }

    private static BlockDevice handle(
            Map<Object, SharedDevice> shared, Object file, DeviceSpec spec, Access access, boolean direct)
            throws IOException {
        SharedDevice open = shared.get(file);
        if (open == null) {
            open = new SharedDevice(SpecifiedDevice.openWhole(spec, access, direct));
            shared.put(file, open);
        }
        return open.handle();
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

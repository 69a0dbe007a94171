package io.mdfuse.raid.array;

import io.mdfuse.raid.spec.DeviceSpec;
import java.util.List;

/**
 * All arrays of which devices were found.
 *
 * @param served the devices of each array that can be served, in the order of their names
 * @param notes lines for the user: arrays that can't be served, devices that can't be looked at
 */
public record EveryArray(List<Devices> served, List<String> notes) {
    /**
     * The devices of one array.
     *
     * @param description its name, level, size and devices, in one line
     */
    public record Devices(String description, List<DeviceSpec> devices) {}
}

package io.mdfuse.raid.array;

import io.mdfuse.raid.spec.DeviceSpec;
import java.util.List;

/**
 * The devices of the array that is meant.
 *
 * @param notes lines for the user: what was found where, and what was left out
 */
public record ChosenDevices(List<DeviceSpec> devices, List<String> notes) {}

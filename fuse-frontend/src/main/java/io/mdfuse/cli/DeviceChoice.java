package io.mdfuse.cli;

import io.mdfuse.raid.array.ChosenDevices;
import io.mdfuse.raid.array.EveryArray;
import io.mdfuse.raid.spec.DeviceSpec;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The devices of the array that is to be opened. */
interface DeviceChoice {
    /** Finds the devices; reads superblocks and partition tables only. */
    ChosenDevices devices() throws IOException;

    /** The devices in the order of their slots; empty for each slot without one. */
    List<Optional<DeviceSpec>> bySlot() throws IOException;

    /** The devices of an array that a search has found already. */
    record Found(EveryArray.Devices array) implements DeviceChoice {
        @Override
        public ChosenDevices devices() {
            return new ChosenDevices(array.devices(), List.of("found " + array.description()));
        }

        @Override
        public List<Optional<DeviceSpec>> bySlot() {
            return array.devices().stream().map(Optional::of).toList();
        }
    }
}

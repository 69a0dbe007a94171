package io.mdfuse.cli;

import io.mdfuse.raid.array.DeviceState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How many devices an array has of each of mdadm's kinds. A removed device does not count; the journal counts as a
 * working device.
 *
 * @param attributes the array's attributes; those of a read-only mount list only the members of slots
 */
record DeviceCounts(Map<String, String> attributes) {

    /** All devices of the array; empty if the attributes name none. */
    Optional<String> total() {
        return states().isEmpty() ? Optional.empty() : Optional.of(Integer.toString(states().size()));
    }

    /** Each count by its label, in the order of mdadm. */
    Map<String, String> lines() {
        Map<String, String> counts = new LinkedHashMap<>();
        if (!states().isEmpty()) {
            counts.put("Active Devices", count(DeviceState.IN_SYNC));
            counts.put(
                    "Working Devices",
                    count(
                            DeviceState.IN_SYNC,
                            DeviceState.REBUILDING,
                            DeviceState.REPLACEMENT,
                            DeviceState.SPARE,
                            DeviceState.JOURNAL));
            counts.put("Failed Devices", count(DeviceState.FAULTY));
            counts.put("Spare Devices", count(DeviceState.REBUILDING, DeviceState.REPLACEMENT, DeviceState.SPARE));
        }
        return counts;
    }

    private String count(DeviceState... wanted) {
        List<String> words = Stream.of(wanted).map(DeviceState::text).toList();
        return Long.toString(states().stream().filter(words::contains).count());
    }

    private List<String> states() {
        boolean all = attributes.keySet().stream().anyMatch(key -> key.matches("dev[0-9]+"));
        return attributes.entrySet().stream()
                .filter(each -> each.getKey().matches(all ? "dev[0-9]+" : "rd[0-9]+"))
                .map(each -> each.getValue().replaceAll(" .*", ""))
                .filter(state -> !state.equals(DeviceState.REMOVED.text()) && !state.equals("missing"))
                .toList();
    }
}

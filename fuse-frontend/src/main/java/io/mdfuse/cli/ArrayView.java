package io.mdfuse.cli;

import io.mdfuse.raid.array.DeviceState;
import io.mdfuse.raid.superblock.MetadataVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The attributes of a mounted array with their types: what {@code detail} and {@code status} print in each of their
 * forms is read here, so all forms agree.
 *
 * @param attributes by md's sysfs names, as {@link MountedVolume#attributes} reads them
 */
record ArrayView(Map<String, String> attributes) {
    private static final Pattern DEVICE = Pattern.compile("dev([0-9]{1,9})");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");

    /** The value; empty if the array does not report it, or reports {@code none}. */
    String text(String name) {
        String value = attributes.getOrDefault(name, "");
        return value.equals("none") ? "" : value;
    }

    /** The value as a number; empty if the array reports none. */
    OptionalLong number(String name) {
        String value = text(name);
        return NUMBER.matcher(value).matches() ? OptionalLong.of(Long.parseLong(value)) : OptionalLong.empty();
    }

    long numberOr(String name, long otherwise) {
        return number(name).orElse(otherwise);
    }

    /** The attribute that has this property's value before a reshape in progress; its own if there is no reshape. */
    String before(String name) {
        String old = "old_" + name;
        return text(old).isEmpty() ? name : old;
    }

    /** The level's number: 4, 5, 6, 0, 1, 10; -1 for linear. */
    int levelNumber() {
        String digits = text("level").replaceAll("[^0-9]", "");
        return digits.isEmpty() ? -1 : Integer.parseInt(digits);
    }

    /** Whether the superblocks are of version 0.90, of which md and mdadm show some fields in another way. */
    boolean isOld() {
        return text("metadata_version").equals(MetadataVersion.V0_90.text());
    }

    int slots() {
        return (int) numberOr("raid_disks", 0);
    }

    /** The devices that md would list, by number: a device that the superblocks do not know is not one of them. */
    List<ArrayDevice> devices() {
        return all().stream()
                .filter(device -> device.state() != DeviceState.REMOVED)
                .toList();
    }

    /** The devices that were given to the mount and are not the array's any more: stale ones, for example. */
    List<ArrayDevice> unused() {
        return all().stream()
                .filter(device -> device.state() == DeviceState.REMOVED)
                .toList();
    }

    private List<ArrayDevice> all() {
        List<ArrayDevice> devices = new ArrayList<>();
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            Matcher matcher = DEVICE.matcher(attribute.getKey());
            if (matcher.matches()) {
                device(Integer.parseInt(matcher.group(1)), attribute.getValue()).ifPresent(devices::add);
            }
        }
        devices.sort(Comparator.comparingInt(ArrayDevice::number));
        return devices;
    }

    private Optional<ArrayDevice> device(int number, String value) {
        int blank = value.indexOf(' ');
        if (blank < 0) {
            return Optional.empty();
        }
        int slot = (int) numberOr("dev" + number + "_slot", slotOfMember(value));
        return DeviceState.named(value.substring(0, blank))
                .map(state -> new ArrayDevice(number, slot, state, value.substring(blank + 1)));
    }

    /** The slot of which the attribute {@code rdN} names the device: for a mount by an older mdfuse. */
    private int slotOfMember(String stateAndName) {
        for (int slot = 0; slot < slots(); slot++) {
            if (stateAndName.equals(attributes.get("rd" + slot))) {
                return slot;
            }
        }
        return ArrayDevice.NO_SLOT;
    }

    /** How many devices are in one of these states. */
    long count(DeviceState... wanted) {
        List<DeviceState> states = List.of(wanted);
        return devices().stream()
                .filter(device -> states.contains(device.state()))
                .count();
    }

    /** Active in mdadm's sense: complete members, without the journal. */
    long activeDevices() {
        return count(DeviceState.IN_SYNC);
    }

    /** Working in mdadm's sense: all that have not failed, the journal included. */
    long workingDevices() {
        return devices().size() - failedDevices();
    }

    long failedDevices() {
        return count(DeviceState.FAULTY);
    }

    /** Spare in mdadm's sense: also those that are being rebuilt. */
    long spareDevices() {
        return count(DeviceState.SPARE, DeviceState.REBUILDING, DeviceState.REPLACEMENT);
    }

    /** How many slots have no member in sync. */
    long degraded() {
        return numberOr("degraded", 0);
    }

    /** True if the array can't serve, or takes no writes any more, because of failures. */
    boolean hasFailed() {
        int parities = switch (levelNumber()) {
            case 4, 5 -> 1;
            case 6 -> 2;
            default -> Integer.MAX_VALUE;
        };
        return degraded() > parities
                || text("array_state").equals("broken")
                || !text("array_trouble").isEmpty();
    }

    boolean readOnly() {
        return text("array_state").equals("readonly");
    }

    /** Clean in md's sense: parity is known to be right, and no write is in progress. */
    boolean isClean() {
        return text("array_state").equals("clean")
                || (readOnly() && text("resync_start").isEmpty());
    }

    /** The bitmap of changed regions, in mdadm's word; empty if there is none. */
    Optional<String> bitmap() {
        String policy = text("consistency_policy");
        return policy.equals("bitmap") || policy.equals("llbitmap") ? Optional.of("Internal") : Optional.empty();
    }

    SyncStatus sync() {
        return SyncStatus.of(attributes);
    }
}

package io.mdfuse.raid.array;

import io.mdfuse.raid.spec.DeviceSpec;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Devices that the user gave one by one, among them perhaps whole disks: each of those is replaced by its partition
 * that is a member of the array.
 *
 * <p>Which array is meant: the one with the given name; else that of the members that were given directly; else the
 * only one on the disks, where arrays without parity do not count beside one that has parity.
 */
public final class GivenDevices {
    private final List<DeviceSpec> given;
    private final FoundArrays onDisks = new FoundArrays();
    private final Set<DeviceSpec> wholeDisks = new HashSet<>();
    private final Set<String> uuidsOfMembers = new HashSet<>();

    private GivenDevices(List<DeviceSpec> given) {
        this.given = given;
    }

    /**
     * The devices, with partitions in place of whole disks. A device that can't be looked at stays as it is: opening
     * it will say why.
     *
     * @param name which array of the disks is meant, by its name or UUID; null for the only one
     * @throws ArrayRefusedException FOREIGN if several arrays may be meant, MISSING if there is none of that name
     */
    public static ChosenDevices choose(List<DeviceSpec> given, @Nullable String name) throws IOException {
        GivenDevices devices = new GivenDevices(given);
        given.forEach(devices::inspect);
        if (devices.wholeDisks.isEmpty()) {
            if (name != null) {
                throw new ArrayRefusedException(
                        Reason.MISSING,
                        "--name chooses among the arrays of a DIRECTORY or of whole disks, and no whole disk with"
                                + " members in its partitions was given: leave it out");
            }
            return new ChosenDevices(given, List.of());
        }
        return devices.withPartitions(devices.array(name));
    }

    /**
     * Every array of which members are among the devices, or on those that are whole disks.
     *
     * @throws ArrayRefusedException MISSING if there is none that can be served
     */
    public static EveryArray every(List<DeviceSpec> given) throws IOException {
        FoundArrays arrays = new FoundArrays();
        List<IOException> obstacles = new ArrayList<>();
        for (DeviceSpec device : given) {
            try {
                InspectedDevice inspected = InspectedDevice.of(device);
                inspected.members().forEach(arrays::add);
                obstacles.addAll(inspected.unusable());
                if (inspected.members().isEmpty() && inspected.unusable().isEmpty()) {
                    obstacles.add(new ArrayRefusedException(Reason.MISSING, device + " has no md superblock"));
                }
            } catch (IOException e) {
                obstacles.add(e);
            }
        }
        EveryArray every = arrays.every(obstacles);
        if (every.served().isEmpty()) {
            if (!obstacles.isEmpty()) {
                throw obstacles.getFirst();
            }
            throw new ArrayRefusedException(
                    Reason.MISSING, "there is no array that is served on these devices: " + arrays.list());
        }
        return every;
    }

    private void inspect(DeviceSpec device) {
        try {
            InspectedDevice inspected = InspectedDevice.of(device);
            if (inspected.wholeDisk()) {
                wholeDisks.add(device);
                inspected.members().forEach(onDisks::add);
            } else {
                inspected
                        .members()
                        .forEach(found -> uuidsOfMembers.add(found.superblock().setUuidText()));
            }
        } catch (IOException e) {
            // The opening reports it.
            return;
        }
    }

    private FoundArray array(@Nullable String name) throws IOException {
        String where = wholeDisks.size() == 1 ? "the disk" : "the disks";
        Optional<FoundArray> found;
        if (name != null) {
            found = onDisks.named(name, where, "give the UUID as the NAME");
        } else if (uuidsOfMembers.size() == 1) {
            found = onDisks.withUuid(uuidsOfMembers.iterator().next());
        } else {
            found = onDisks.only(where);
        }
        return found.orElseThrow(() -> new ArrayRefusedException(
                Reason.MISSING,
                where + " given as a whole have no member of the array "
                        + (name == null ? "of the other devices" : name) + "; they have "
                        + (onDisks.isEmpty() ? "none that can be used" : onDisks.list())));
    }

    private ChosenDevices withPartitions(FoundArray array) {
        List<DeviceSpec> devices = new ArrayList<>();
        List<String> notes = new ArrayList<>(onDisks.chosen(array).notes());
        for (DeviceSpec device : given) {
            List<DeviceSpec> partitions = array.devices().stream()
                    .filter(member -> member.source().equals(device.source()))
                    .toList();
            if (!wholeDisks.contains(device)) {
                devices.add(device);
            } else if (partitions.isEmpty()) {
                notes.add(device + ": none of its partitions is a member of this array; it is left out");
            } else {
                devices.addAll(partitions);
            }
        }
        return new ChosenDevices(devices, notes);
    }
}

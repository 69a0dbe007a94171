package io.mdfuse.raid.superblock;

import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import java.util.List;

/**
 * Chooses the device whose superblock describes the array: the one with the most events, not counting spares. If
 * several have the same count, their role tables may differ, since {@code mdadm --assemble --force} corrects the table
 * of one device alone and the driver writes the others only when something changes. Then the device is chosen whose
 * table agrees with most members' own superblocks, so that the order in which the devices are given does not matter.
 */
final class FreshestDevice {
    private FreshestDevice() {}

    static FoundDevice of(List<FoundDevice> devices) {
        FoundDevice freshest = devices.getFirst();
        for (FoundDevice device : devices) {
            if (isFresher(device, freshest, devices)) {
                freshest = device;
            }
        }
        return freshest;
    }

    private static boolean isFresher(FoundDevice device, FoundDevice than, List<FoundDevice> all) {
        boolean spare = isSpare(device);
        if (spare != isSpare(than)) {
            return !spare;
        }
        int newer = Long.compareUnsigned(
                device.superblock().events(), than.superblock().events());
        return newer != 0 ? newer > 0 : !spare && agreeing(device, all) > agreeing(than, all);
    }

    private static boolean isSpare(FoundDevice device) {
        return device.superblock().ownRole() == Roles.SPARE;
    }

    /**
     * How many devices give themselves the role that this device's table gives them; devices more than one event behind
     * (more than a crash leaves) are not counted.
     */
    private static long agreeing(FoundDevice device, List<FoundDevice> all) {
        Superblock table = device.superblock();
        return all.stream()
                .map(FoundDevice::superblock)
                .filter(own -> table.events() - own.events() <= 1)
                .filter(own -> own.ownRole() != Roles.SPARE && own.ownRole() == table.role(own.deviceNumber()))
                .count();
    }

    /**
     * Refuses devices whose role tables contradict each other: among those with the highest event count, some give a
     * member a role that others deny. Two differences are accepted, because {@code mdadm --assemble --force} makes
     * them: only one device besides the member itself says that the member has its slot; and the role table of a device
     * with the same event count that was last written before the others, since mdadm raises the event count and changes
     * neither the table nor the update time.
     */
    static void requireConsistentRoles(List<FoundDevice> devices, FoundDevice reference) throws ArrayRefusedException {
        List<FoundDevice> asFresh = devices.stream()
                .filter(device -> !isSpare(device))
                .filter(device ->
                        device.superblock().events() == reference.superblock().events())
                .toList();
        long newestSeconds = asFresh.stream()
                .mapToLong(device -> device.superblock().utimeSeconds())
                .max()
                .orElse(0);
        List<FoundDevice> lastWritten = asFresh.stream()
                .filter(device -> newestSeconds - device.superblock().utimeSeconds() <= UpdateTimes.MAX_SECONDS_APART)
                .toList();
        List<FoundDevice> uncontested = asFresh.stream()
                .filter(device -> lastWritten.stream().allMatch(other -> agree(other, device)))
                .toList();
        for (FoundDevice device : asFresh) {
            for (FoundDevice dissenter : lastWritten) {
                if (!agree(dissenter, device)
                        && uncontested.stream()
                                        .filter(other -> agree(other, device))
                                        .count()
                                > 1) {
                    throw splitArray(device, dissenter);
                }
            }
        }
    }

    private static boolean agree(FoundDevice one, FoundDevice aboutOther) {
        Superblock other = aboutOther.superblock();
        return one.superblock().role(other.deviceNumber()) == other.ownRole();
    }

    static ArrayRefusedException splitArray(FoundDevice device, FoundDevice dissenter) {
        int number = device.superblock().deviceNumber();
        return new ArrayRefusedException(
                Reason.UNSAFE,
                device.name() + ": says it is "
                        + Roles.describe(device.superblock().ownRole()) + ", but "
                        + dissenter.name() + ", written as often, says "
                        + Roles.describe(dissenter.superblock().role(number))
                        + "; the array was used in two halves, leave one half out");
    }
}

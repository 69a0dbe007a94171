package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.Assembly.Bystander;
import io.mdfuse.raid.superblock.Assembly.RebuildingDevice;
import io.mdfuse.raid.superblock.Assembly.Standing;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.UpdateTimes;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The text of messages about a device that is not in use, or not yet rebuilt: its role, its state, its age. */
final class DeviceText {
    private final Assembly assembly;

    DeviceText(Assembly assembly) {
        this.assembly = assembly;
    }

    /** The device's name, its role and its state. */
    String of(Bystander other) {
        return other.device().name() + " (" + place(other) + ") " + state(other);
    }

    /** What the superblocks of the members say about the device, and its event count. */
    String state(Bystander other) {
        FoundDevice device = other.device();
        return switch (other.standing()) {
            case SPARE -> "holds nothing of the array";
            case REBUILDING, REPLACEMENT -> progress(device);
            case OLD_IMAGE ->
                why(other.standing()) + " (" + since(device)
                        + "): an older image, or superblocks cut short by a crash; --force uses it";
            default -> why(other.standing()) + " (" + since(device) + ")";
        };
    }

    /** Why the device is not in use. */
    static String why(Standing standing) {
        return switch (standing) {
            case FAULTY -> "is marked faulty by the others";
            case REMOVED -> "has no slot any more by the others' word";
            default -> "is older than the array";
        };
    }

    /** The event counts of the device and of the array, and when the device's superblock was last written. */
    String since(FoundDevice device) {
        Superblock own = device.superblock();
        return "events " + Long.toUnsignedString(own.events()) + ", the array's "
                + Long.toUnsignedString(assembly.reference().events()) + ", last written " + UpdateTimes.text(own);
    }

    private String place(Bystander other) {
        int role = other.ownRole();
        boolean filled = other.standing() == Standing.REBUILDING || other.standing() == Standing.REPLACEMENT;
        return Roles.describe(
                filled ? assembly.reference().role(other.device().superblock().deviceNumber()) : role);
    }

    private String progress(FoundDevice device) {
        Optional<RebuildingDevice> rebuilding = assembly.rebuilding().stream()
                .filter(each -> each.device().equals(device))
                .findFirst();
        return rebuilding
                .map(each -> "is rebuilt to " + percent(each) + " only")
                .orElse("is not rebuilt yet");
    }

    /** How much of its slot the device holds, in percent, rounded down. */
    String percent(RebuildingDevice rebuilding) {
        long used = Math.max(1, assembly.reference().usedSectors());
        return rebuilding.recovery().heldSectors(used) * 100 / used + " %";
    }

    /** For each slot without a member the device that was its member, if that was given; by slot. */
    Map<Integer, Bystander> fallenOut() {
        Map<Integer, Bystander> fallen = new TreeMap<>();
        for (int slot : assembly.missingSlots()) {
            for (Bystander other : assembly.others()) {
                boolean out = other.standing() == Standing.FAULTY
                        || other.standing() == Standing.REMOVED
                        || other.standing() == Standing.STALE
                        || other.standing() == Standing.OLD_IMAGE;
                if (out && other.ownRole() == slot) {
                    fallen.put(slot, other);
                }
            }
        }
        return fallen;
    }
}

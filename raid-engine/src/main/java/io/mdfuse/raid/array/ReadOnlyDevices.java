package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.Assembly.Bystander;
import io.mdfuse.raid.superblock.Assembly.RebuildingDevice;
import io.mdfuse.raid.superblock.Assembly.Standing;
import io.mdfuse.raid.superblock.FoundDevice;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * The devices of an array that is open read-only, for its attributes. They are those that were found at the opening:
 * no device joins or leaves a read-only array. Unlike {@link DeviceList}, which asks the superblocks in memory.
 *
 * @param isUsed whether the array still reads the member of a slot
 */
record ReadOnlyDevices(Assembly assembly, IntPredicate isUsed) {
    /** Adds the attributes {@code devN} and {@code devN_slot} of each device. */
    void describe(Map<String, String> attributes) {
        for (int slot = 0; slot < assembly.slots().size(); slot++) {
            FoundDevice member = assembly.slots().get(slot);
            if (member != null) {
                add(attributes, member, isUsed.test(slot) ? DeviceState.IN_SYNC : DeviceState.FAULTY, slot);
            }
        }
        for (RebuildingDevice each : assembly.rebuilding()) {
            DeviceState state = each.replacement() ? DeviceState.REPLACEMENT : DeviceState.REBUILDING;
            add(attributes, each.device(), state, each.slot());
        }
        FoundDevice journal = assembly.journal();
        if (journal != null) {
            add(attributes, journal, DeviceState.JOURNAL, DeviceState.NO_SLOT);
        }
        for (Bystander other : assembly.others()) {
            if (other.standing() != Standing.REBUILDING && other.standing() != Standing.REPLACEMENT) {
                add(attributes, other.device(), state(other.standing()), DeviceState.NO_SLOT);
            }
        }
    }

    private static DeviceState state(Standing standing) {
        return switch (standing) {
            case SPARE -> DeviceState.SPARE;
            case FAULTY -> DeviceState.FAULTY;
            default -> DeviceState.REMOVED;
        };
    }

    /** Superblocks name a device by its number: an older device with the number of one that is in use is not listed. */
    private static void add(Map<String, String> attributes, FoundDevice device, DeviceState state, int slot) {
        int number = device.superblock().deviceNumber();
        if (!attributes.containsKey("dev" + number)) {
            attributes.put("dev" + number, state.text() + " " + device.name());
            attributes.put("dev" + number + "_slot", state.slotText(slot));
        }
    }
}

package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Assembly;
import io.mdfuse.raid.superblock.Assembly.Bystander;
import io.mdfuse.raid.superblock.Assembly.Standing;
import io.mdfuse.raid.superblock.Superblock;
import java.util.Set;
import java.util.TreeSet;

/**
 * Members that the freshest superblock lists and that were not given. The array may do without them, but an array must
 * not be opened without a member by accident: the user says {@code --run}.
 */
record ExpectedMembers(String array, Assembly assembly) {
    /** Slots without any device, not even one that is partly rebuilt. */
    static Set<Integer> emptySlots(Assembly assembly) {
        Set<Integer> empty = new TreeSet<>(assembly.missingSlots());
        assembly.rebuilding().forEach(rebuilding -> empty.remove(rebuilding.slot()));
        return empty;
    }

    /** True if the slot has no member because that is possibly an older image. */
    static boolean isOldImageLeftOut(DeviceText words, int slot) {
        Bystander fallen = words.fallenOut().get(slot);
        return fallen != null && fallen.standing() == Standing.OLD_IMAGE;
    }

    /**
     * Refuses an array that lacks an expected member.
     *
     * @throws ArrayRefusedException STALE or MISSING
     */
    void check() throws ArrayRefusedException {
        DeviceText words = new DeviceText(assembly);
        for (int slot : emptySlots(assembly)) {
            if (isExpected(slot) && !isOldImageLeftOut(words, slot)) {
                Bystander stale = words.fallenOut().get(slot);
                throw stale != null
                        ? new ArrayRefusedException(
                                Reason.STALE,
                                stale.device().name() + ": " + words.state(stale)
                                        + ", so its content is stale and slot " + slot
                                        + " has no member; give the newer device, or go on without it with --run")
                        : new ArrayRefusedException(
                                Reason.MISSING,
                                array + ": the member of slot " + slot
                                        + " is missing; give its device too, or go on without it with --run");
            }
        }
    }

    /** True if the freshest superblock lists a member for the slot. */
    private boolean isExpected(int slot) {
        Superblock reference = assembly.reference();
        for (int number = 0; number < reference.maxDev(); number++) {
            if (reference.role(number) == slot) {
                return true;
            }
        }
        return false;
    }
}

package io.mdfuse.raid.superblock.store;

import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.ResyncOffset;
import io.mdfuse.raid.superblock.Roles;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is the same in all superblocks of an array and changes while it is open. Immutable. The event count is not here:
 * {@link LiveSuperblocks} increments it once for each update.
 *
 * @param resyncOffset how far the parity of the array is known to be correct
 * @param journalTailSector the log position where recovery starts; stored on the journal device only
 * @param features the bits of {@link Features} that all devices share; {@link DeviceRole#featureBits} are those of one
 *     device
 * @param roles the role of each device number; a number that is not here has no device
 */
public record ArrayState(
        ResyncOffset resyncOffset, long journalTailSector, int features, Map<Integer, DeviceRole> roles) {

    public ArrayState {
        roles = Map.copyOf(roles);
    }

    public ArrayState withResyncOffset(ResyncOffset offset) {
        return new ArrayState(offset, journalTailSector, features, roles);
    }

    public ArrayState withJournalTail(long sector) {
        return new ArrayState(resyncOffset, sector, features, roles);
    }

    /** Sets bits of the shared feature map. */
    public ArrayState withFeatures(int bits) {
        return new ArrayState(resyncOffset, journalTailSector, features | bits, roles);
    }

    /** Clears bits of the shared feature map. */
    public ArrayState withoutFeatures(int bits) {
        return new ArrayState(resyncOffset, journalTailSector, features & ~bits, roles);
    }

    /** Gives a device number its role. */
    public ArrayState withRole(int deviceNumber, DeviceRole deviceRole) {
        Map<Integer, DeviceRole> more = new TreeMap<>(roles);
        more.put(deviceNumber, deviceRole);
        return new ArrayState(resyncOffset, journalTailSector, features, more);
    }

    /** No device has this number any more. If the device had failed, the role tables still call the number faulty. */
    public ArrayState withoutRole(int deviceNumber) {
        Map<Integer, DeviceRole> fewer = new TreeMap<>(roles);
        fewer.remove(deviceNumber);
        return new ArrayState(resyncOffset, journalTailSector, features, fewer);
    }

    /**
     * Marks a device as faulty; this is never undone. If it had a slot with a replacement, the replacement has the slot
     * now.
     */
    public ArrayState withFaulty(int deviceNumber) {
        DeviceRole failed = roles.get(deviceNumber);
        if (failed == null || failed.faulty()) {
            return this;
        }
        Map<Integer, DeviceRole> more = new TreeMap<>(roles);
        more.put(deviceNumber, failed.failed());
        if (!failed.replacement() && Roles.isSlot(failed.role())) {
            more.replaceAll((number, deviceRole) ->
                    deviceRole.replacement() && !deviceRole.faulty() && deviceRole.role() == failed.role()
                            ? deviceRole.promoted()
                            : deviceRole);
        }
        return new ArrayState(resyncOffset, journalTailSector, features, more);
    }

    /** The role of a device number; null if it has none. */
    public @Nullable DeviceRole roleOf(int deviceNumber) {
        return roles.get(deviceNumber);
    }

    /** The number of the device that has this role, is not faulty and not a replacement; -1 if there is none. */
    public int numberOf(int role) {
        for (Map.Entry<Integer, DeviceRole> entry : roles.entrySet()) {
            DeviceRole deviceRole = entry.getValue();
            if (deviceRole.role() == role && !deviceRole.faulty() && !deviceRole.replacement()) {
                return entry.getKey();
            }
        }
        return -1;
    }

    /**
     * Slots whose member has failed and that have no other device, and {@link Roles#JOURNAL} if the journal has failed.
     */
    public Set<Integer> faultySlots() {
        Set<Integer> slots = new TreeSet<>();
        for (DeviceRole deviceRole : roles.values()) {
            if (deviceRole.faulty() && numberOf(deviceRole.role()) < 0) {
                slots.add(deviceRole.role());
            }
        }
        return slots;
    }
}

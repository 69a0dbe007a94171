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
 * What all superblocks of an array say alike and what changes while it is open. The event count is not here: the
 * store counts, once for each write.
 *
 * @param resyncOffset how far the parity of the array is known to be correct
 * @param journalTailSector where recovery starts; stored on the journal device only
 * @param features the bits of {@link Features} that all devices share; the bits of one device are kept beside
 * @param roles what each device number is; one that is not here has no device
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

    /** Gives a device number its place. */
    public ArrayState withRole(int deviceNumber, DeviceRole deviceRole) {
        Map<Integer, DeviceRole> more = new TreeMap<>(roles);
        more.put(deviceNumber, deviceRole);
        return new ArrayState(resyncOffset, journalTailSector, features, more);
    }

    /** No device has this number any more; one that had failed is still called faulty. */
    public ArrayState withoutRole(int deviceNumber) {
        Map<Integer, DeviceRole> fewer = new TreeMap<>(roles);
        fewer.remove(deviceNumber);
        return new ArrayState(resyncOffset, journalTailSector, features, fewer);
    }

    /** A device has failed, and stays so. Where it had the slot and a replacement is there, that one has it now. */
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

    /** The place of a device number; null where it has none. */
    public @Nullable DeviceRole roleOf(int deviceNumber) {
        return roles.get(deviceNumber);
    }

    /** The number of the device that has this role and is not faulty; -1 where there is none. */
    public int numberOf(int role) {
        for (Map.Entry<Integer, DeviceRole> entry : roles.entrySet()) {
            DeviceRole deviceRole = entry.getValue();
            if (deviceRole.role() == role && !deviceRole.faulty() && !deviceRole.replacement()) {
                return entry.getKey();
            }
        }
        return -1;
    }

    /** Slots whose member has failed and that no other has taken, and {@link Roles#JOURNAL} where that has failed. */
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

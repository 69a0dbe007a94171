package io.mdfuse.raid.superblock.store;

import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;

/**
 * The content of one update: the new superblock of each device. It lives apart from {@link SuperblockUpdate}, which
 * defines in which order an update reaches the devices, because this is a pure function of the state.
 */
record SuperblockRevision(ArrayState state, long events, long utimeSeconds) {
    Superblock of(LiveDevice device) {
        Superblock now = device.superblock();
        DeviceRole deviceRole = state.roleOf(device.deviceNumber());
        if (deviceRole == null) {
            throw new IllegalStateException(device.name() + " has no role in the array");
        }
        int ownBits = device.badBlockBit() | deviceRole.featureBits();
        return now.edit(editor -> {
            editor.events(events).utimeSeconds(utimeSeconds);
            editor.resyncOffsetSectors(state.resyncOffset().storedSectors());
            editor.featureMap((state.features() & ~Features.PER_DEVICE) | ownBits);
            if (deviceRole.role() == Roles.JOURNAL) {
                editor.journalTailSector(state.journalTailSector());
            } else {
                editor.recoveryOffsetSectors(deviceRole.recovery().storedSectors());
            }
            for (int number = 0; number < now.maxDev(); number++) {
                editor.role(number, role(number, now));
            }
        });
    }

    /** Synology's mark stays on a slot as long as the same device has the slot. */
    private int role(int deviceNumber, Superblock now) {
        DeviceRole deviceRole = state.roleOf(deviceNumber);
        int before = now.role(deviceNumber);
        if (deviceRole == null) {
            return before == Roles.FAULTY ? Roles.FAULTY : Roles.SPARE;
        }
        boolean marked = now.hasDiskError(deviceNumber) && deviceRole.tableRole() == before;
        return marked ? before | Roles.DISK_ERROR : deviceRole.tableRole();
    }
}

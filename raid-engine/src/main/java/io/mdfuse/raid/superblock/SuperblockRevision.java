package io.mdfuse.raid.superblock;

import java.util.List;

/**
 * One update's content: what each device's superblock becomes. It lives apart from {@link SuperblockStore}, which
 * knows in which order things reach the devices, because this is a pure function of the state.
 */
record SuperblockRevision(ArrayState state, long events, long utimeSeconds, List<LiveDevice> devices) {

    Superblock of(LiveDevice device) {
        Superblock now = device.superblock();
        int ownBits = now.featureMap() & Features.PER_DEVICE;
        return now.edit(editor -> {
            editor.events(events).utimeSeconds(utimeSeconds);
            editor.resyncOffsetSectors(state.resyncOffsetSectors());
            editor.featureMap((state.features() & ~Features.PER_DEVICE) | ownBits);
            if (device.role() == Roles.JOURNAL) {
                editor.journalTailSector(state.journalTailSector());
            }
            for (int number = 0; number < now.maxDev(); number++) {
                editor.role(number, role(number, now.role(number)));
            }
        });
    }

    private int role(int deviceNumber, int before) {
        for (LiveDevice device : devices) {
            if (device.deviceNumber() == deviceNumber) {
                return state.faultySlots().contains(device.role()) ? Roles.FAULTY : device.role();
            }
        }
        return before == Roles.FAULTY ? Roles.FAULTY : Roles.SPARE;
    }
}

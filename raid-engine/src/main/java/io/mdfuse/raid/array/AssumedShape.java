package io.mdfuse.raid.array;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.device.Sectors;
import io.mdfuse.raid.geometry.ParityLayout;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.MetadataVersion;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockEditor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The shape of an array as the user gives it, for devices whose superblocks are lost or wrong. What the devices hold as
 * superblocks is not looked at; superblocks that say the same are made in memory, and nothing is written.
 *
 * @param usedSectors how many sectors of each device the array uses; 0 for as many as the shortest device has
 */
public record AssumedShape(
        ParityLayout layout, int raidDisks, int chunkSectors, long dataOffsetSectors, long usedSectors) {
    /** The name of the array, and so of its file. */
    private static final String NAME = "assumed";

    /**
     * The devices with superblocks of this shape.
     *
     * @param bySlot the device of each slot; null for a slot whose device is missing
     * @throws ArrayRefusedException if a device is too small for the shape
     */
    List<FoundDevice> found(List<? extends @Nullable BlockDevice> bySlot) throws ArrayRefusedException {
        long used = usedSectors;
        if (used == 0) {
            used = Long.MAX_VALUE;
            for (BlockDevice device : bySlot) {
                if (device != null) {
                    used = Math.min(used, Sectors.floorFromBytes(device.sizeBytes()) - dataOffsetSectors);
                }
            }
            used = Sectors.roundDown(used, chunkSectors);
        }
        List<FoundDevice> found = new ArrayList<>();
        for (int slot = 0; slot < bySlot.size(); slot++) {
            BlockDevice device = bySlot.get(slot);
            if (device == null) {
                continue;
            }
            long room = Sectors.floorFromBytes(device.sizeBytes()) - dataOffsetSectors;
            if (room < chunkSectors || used < chunkSectors) {
                throw new ArrayRefusedException(
                        Reason.UNSAFE,
                        device.name() + ": has " + device.sizeBytes() + " bytes, so behind the data offset of "
                                + Sectors.toBytes(dataOffsetSectors) + " bytes there is no room for one chunk");
            }
            found.add(new FoundDevice(device, superblock(slot, bySlot, used)));
        }
        return found;
    }

    private Superblock superblock(int slot, List<? extends @Nullable BlockDevice> bySlot, long used) {
        byte[] deviceUuid = new byte[16];
        deviceUuid[14] = (byte) (slot >> 8);
        deviceUuid[15] = (byte) slot;
        SuperblockEditor editor = SuperblockEditor.blank(MetadataVersion.V1_2, raidDisks);
        editor.setUuid(new byte[16]).setName(NAME).deviceNumber(slot).deviceUuid(deviceUuid);
        editor.level(layout.level())
                .layout(layout.number())
                .raidDisks(raidDisks)
                .chunkSectors(chunkSectors);
        editor.usedSectors(used).data(dataOffsetSectors, used).superOffsetSectors(8);
        editor.resyncOffsetSectors(Superblock.IN_SYNC);
        for (int number = 0; number < raidDisks; number++) {
            editor.role(number, bySlot.get(number) == null ? Roles.FAULTY : number);
        }
        return Superblock.of(editor);
    }
}

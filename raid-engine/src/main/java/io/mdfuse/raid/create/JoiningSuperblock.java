package io.mdfuse.raid.create;

import io.mdfuse.device.BlockDevice;
import io.mdfuse.raid.superblock.ArrayRefusedException;
import io.mdfuse.raid.superblock.ArrayRefusedException.Reason;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.Roles;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockEditor;
import io.mdfuse.raid.superblock.SuperblockLayout;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The first superblock of a device that joins an open array, as a journal or as a member. It describes the device as a
 * spare with a device number of its own, and has the event count of the other superblocks.
 */
public final class JoiningSuperblock {
    private JoiningSuperblock() {}

    /**
     * An unused device number.
     *
     * @throws ArrayRefusedException UNSUPPORTED if the array's role table is full
     */
    public static int requireNumber(SuperblockStore store, BlockDevice device) throws ArrayRefusedException {
        int number = store.freeDeviceNumber();
        if (number < 0) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED, device.name() + ": the array's superblocks have no room for one device more");
        }
        return number;
    }

    /**
     * Makes the superblock.
     *
     * @param like a superblock of the array, from which all fields of the array are copied
     * @param number from {@link #requireNumber}
     * @param random gives the device UUID
     * @param own sets the fields that belong to this device alone, such as the position of its data
     */
    public static Superblock of(
            Superblock like,
            SuperblockStore store,
            int number,
            RandomGenerator random,
            Consumer<SuperblockEditor> own) {
        byte[] deviceUuid = new byte[SuperblockLayout.UUID_BYTES];
        random.nextBytes(deviceUuid);
        return like.edit(editor -> {
            editor.deviceNumber(number).deviceUuid(deviceUuid).role(number, Roles.SPARE);
            editor.featureMap(store.state().features() & ~Features.PER_DEVICE);
            editor.events(store.events()).recoveryOffsetSectors(0);
            own.accept(editor);
        });
    }
}

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
 * The first superblock of a device that joins an open array, whatever it is to become: it calls the device a spare,
 * with a number of its own and as many events as the others have.
 */
public final class JoiningSuperblock {
    private JoiningSuperblock() {}

    /** A device number for one device more, or a refusal. */
    public static int requireNumber(SuperblockStore store, BlockDevice device) throws ArrayRefusedException {
        int number = store.freeDeviceNumber();
        if (number < 0) {
            throw new ArrayRefusedException(
                    Reason.UNSUPPORTED, device.name() + ": the array's superblocks have no room for one device more");
        }
        return number;
    }

    /**
     * Makes it.
     *
     * @param like a superblock of the array
     * @param own says what is this device's alone: where things lie on it
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

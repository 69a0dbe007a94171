package io.mdfuse.raid.superblock.store;

import java.io.IOException;

/**
 * Hears of devices that could not be flushed or written while {@link SuperblockStore} updated them. It is called
 * by the thread that asked for the update, after the others were written, with no lock held; so it may ask for the
 * next update, which will usually be {@link SuperblockStore#markDeviceFaulty}.
 */
public interface StoreListener {
    /** The device of this number, which has a slot, failed; its superblock may be old or new. */
    void memberFailed(int deviceNumber, IOException cause);

    /** The journal device failed; its superblock may be old or new. */
    void journalFailed(IOException cause);

    /** A spare failed, and is not part of the array any more; its superblock may be old or new. */
    default void spareFailed(String deviceName, IOException cause) {}
}

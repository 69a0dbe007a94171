package io.mdfuse.raid.superblock.store;

import java.io.IOException;

/**
 * Called for devices that could not be flushed or written during an update of {@link SuperblockStore}. The thread that
 * requested the update calls it after the other devices were written, without a lock, so it may request the next
 * update, usually {@link SuperblockStore#markDeviceFaulty}.
 */
public interface StoreListener {
    /** The device of this number, which has a slot, failed; its superblock may have the old or the new content. */
    void memberFailed(int deviceNumber, IOException cause);

    /** The journal device failed; its superblock may have the old or the new content. */
    void journalFailed(IOException cause);

    /** A spare failed and is not part of the array any more; its superblock may have the old or the new content. */
    default void spareFailed(String deviceName, IOException cause) {}
}

package io.mdfuse.raid.superblock.store;

import java.io.IOException;

/**
 * Writes metadata that must be updated together with the superblocks, such as the event count of the bitmap.
 * {@link SuperblockStore} calls it for each live device before it flushes the devices and writes their superblocks, so
 * that what the hook writes is durable first.
 */
@FunctionalInterface
public interface UpdateHook {
    /**
     * Called before the superblock of a device is written, with the store's lock held: it must not call the store.
     *
     * @param deviceNumber the device
     * @param events the event count that the superblock will get
     * @throws IOException if the device failed; it is treated like a device whose superblock can't be written
     */
    void beforeUpdate(int deviceNumber, long events) throws IOException;

    /**
     * Called after the superblocks of an update were written, with the store's lock held: it must not call the store.
     * An update of which no superblock was written is not reported. A device that failed while they were written may
     * lack the new event count, and has not been reported as failed yet.
     *
     * @param events the event count that the superblocks have got
     */
    default void afterUpdate(long events) {}
}

package io.mdfuse.raid.superblock.store;

import java.io.IOException;

/**
 * What lies beside a superblock and has to keep step with it. {@link SuperblockStore} calls it for each live device
 * before it flushes the devices and writes their superblocks, so that what the hook writes is on the medium first.
 */
@FunctionalInterface
public interface UpdateHook {
    /**
     * The superblock of a device is about to be written. Called with the store's lock held: it must not call the store.
     *
     * @param deviceNumber whose superblock it is
     * @param events the count that the superblock is about to get
     * @throws IOException where the device failed; it is treated like one whose superblock can't be written
     */
    void beforeUpdate(int deviceNumber, long events) throws IOException;
}

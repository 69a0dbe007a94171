package io.mdfuse.raid.array;

import io.mdfuse.journal.Journal;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import io.mdfuse.raid.writepath.DirtyMarker;
import io.mdfuse.raid.writepath.WriteIntent;
import org.jspecify.annotations.Nullable;

/**
 * The parts that an array has in addition to {@link ArrayParts} if it can be written. {@link ArrayOpening} makes them
 * while it recovers the array.
 *
 * @param devices all devices of the array, members or not
 * @param direct true if devices that join are opened with O_DIRECT
 * @param journal null if the array has none
 * @param writeIntent what is recorded before members are written without a journal: nothing, bitmap bits, or partial
 *     parity
 * @param stripeCacheSize how many stripes the write-back cache may hold; 0 for a size that depends on the memory
 */
record WriteParts(
        SuperblockStore store,
        DirtyMarker dirtyMarker,
        DeviceList devices,
        boolean direct,
        @Nullable Journal journal,
        WriteIntent writeIntent,
        int stripeCacheSize) {}

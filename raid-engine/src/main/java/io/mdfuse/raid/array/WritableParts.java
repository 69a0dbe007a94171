package io.mdfuse.raid.array;

import io.mdfuse.journal.Journal;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import io.mdfuse.raid.writepath.DirtyMarker;
import io.mdfuse.raid.writepath.WriteIntent;
import org.jspecify.annotations.Nullable;

/**
 * What an array has beside {@link ArrayParts} where it can be written.
 *
 * @param devices all that the array knows, members or not
 * @param direct devices that join are opened past the page cache
 * @param journal null for an array without one
 * @param writeIntent what is recorded before members are written without a journal
 * @param stripeCacheSize how many stripes the write-back cache may hold
 */
record WritableParts(
        SuperblockStore store,
        DirtyMarker dirtyMarker,
        FailureRelay failures,
        DeviceList devices,
        boolean direct,
        @Nullable Journal journal,
        WriteIntent writeIntent,
        int stripeCacheSize) {}

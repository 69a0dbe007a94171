package io.mdfuse.raid.array;

import io.mdfuse.journal.Journal;
import io.mdfuse.raid.superblock.store.SuperblockStore;
import io.mdfuse.raid.writepath.DirtyMarker;
import io.mdfuse.raid.writepath.WriteIntent;
import org.jspecify.annotations.Nullable;

/**
 * What an array that can be written has in addition to {@link ArrayParts}: what {@link ArrayOpening} recovered and
 * wrote, before the parts that serve requests are made.
 *
 * @param devices all devices that the array knows, members or not
 * @param direct devices that join are opened past the page cache
 * @param journal null for an array without one
 * @param writeIntent what is recorded before members are written without a journal
 * @param stripeCacheSize how many stripes the write-back cache may hold; 0 for as many as memory allows
 */
record WriteParts(
        SuperblockStore store,
        DirtyMarker dirtyMarker,
        DeviceList devices,
        boolean direct,
        @Nullable Journal journal,
        WriteIntent writeIntent,
        int stripeCacheSize) {}

package io.mdfuse.raid.writepath;

import java.io.IOException;

/** Where it is written down whether parity may be wrong: the superblocks' resync_offset. */
@FunctionalInterface
public interface ResyncRecord {
    /** From here on a crash leads to a resync of the whole array. */
    long DIRTY = 0;

    /**
     * Stores, durably on every member, from where on parity may be wrong.
     *
     * @param stripeSector the first stripe whose parity is not known to be right; 0 for {@link #DIRTY}; -1 (all ones)
     *     where parity is right everywhere
     */
    void storeResyncOffset(long stripeSector) throws IOException;
}

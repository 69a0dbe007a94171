package io.mdfuse.raid.writepath;

import io.mdfuse.raid.superblock.ResyncOffset;
import java.io.IOException;

/** Stores in the superblocks from which stripe on parity may be wrong: their resync_offset. */
@FunctionalInterface
public interface ResyncRecord {
    /**
     * Stores, durably on every member, how far parity is known to be correct.
     */
    void storeResyncOffset(ResyncOffset offset) throws IOException;
}

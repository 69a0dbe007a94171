package io.mdfuse.raid.writepath;

import io.mdfuse.raid.superblock.ResyncOffset;
import java.io.IOException;

/** Where it is written down whether parity may be wrong: the superblocks' resync_offset. */
@FunctionalInterface
public interface ResyncRecord {
    /**
     * Stores, durably on every member, how far parity is known to be correct.
     */
    void storeResyncOffset(ResyncOffset offset) throws IOException;
}

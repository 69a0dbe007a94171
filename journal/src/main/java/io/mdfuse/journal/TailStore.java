package io.mdfuse.journal;

import java.io.IOException;

/**
 * Where the journal's tail is kept: md keeps it in the superblock of the journal device, so the superblocks
 * implement this. It is the journal's only word to the floor above it.
 */
@FunctionalInterface
public interface TailStore {
    /**
     * Makes recovery start at {@code tailSector} from now on. Space before the tail may be reused only after
     * this has returned.
     *
     * @param tailSector the place of a valid meta block, in sectors from the start of the log
     * @throws IOException where the tail could not be made durable; the old one still holds then
     */
    void storeTail(long tailSector) throws IOException;
}

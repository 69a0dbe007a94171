package io.mdfuse.raid.writepath;

import io.mdfuse.device.Sectors;
import io.mdfuse.raid.stripe.RegionsToCopy;
import io.mdfuse.raid.superblock.ChunkState;
import io.mdfuse.raid.superblock.ChunkStates;

/** What a new member of an array with a lockless bitmap needs: each chunk that was written, also during the rebuild. */
final class WrittenChunks implements RegionsToCopy {
    private final ChunkStates states;

    WrittenChunks(ChunkStates states) {
        this.states = states;
    }

    @Override
    public long firstToCopy(long fromSector) {
        return states.firstSector(fromSector, ChunkState::isWritten);
    }

    @Override
    public long endToCopy(long fromSector) {
        long end = states.firstSector(firstToCopy(fromSector), state -> !state.isWritten());
        return end == Long.MAX_VALUE ? end : Sectors.roundUp(end, Sectors.PER_BLOCK);
    }

    @Override
    public boolean othersAreEmpty() {
        return true;
    }
}

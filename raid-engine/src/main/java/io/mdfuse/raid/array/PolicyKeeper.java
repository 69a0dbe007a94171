package io.mdfuse.raid.array;

import io.mdfuse.raid.superblock.ArrayState;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.PplArea;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockStore;
import io.mdfuse.raid.writepath.ResyncRecord;
import java.io.IOException;
import java.util.List;

/**
 * Stores the resync offset, and sees to it that md never trusts a partial parity log (PPL) that mdfuse did not keep up
 * to date: while the array is dirty its feature bit is off, so md takes it for a plain array and resyncs all. When
 * the array is stopped clean, an empty log is written and the bit is put back.
 */
final class PolicyKeeper implements ResyncRecord {
    private final SuperblockStore store;
    private final List<FoundDevice> members;
    private final int pplFeatures;
    private boolean prepared;

    PolicyKeeper(SuperblockStore store, Superblock reference, List<FoundDevice> members) {
        this.store = store;
        this.members = members;
        this.pplFeatures = reference.featureMap() & Features.ANY_PPL;
    }

    @Override
    public synchronized void storeResyncOffset(long stripeSector) throws IOException {
        if (stripeSector == DIRTY && !prepared) {
            store.update(state -> state.withoutFeatures(pplFeatures).withResyncOffset(DIRTY));
            prepared = true;
        } else {
            store.storeResyncOffset(stripeSector);
        }
    }

    /** Nothing will be written any more. Where all is clean and everybody is there, the PPL is put back in force. */
    synchronized void stopped() throws IOException {
        ArrayState state = store.state();
        boolean sound = state.resyncOffsetSectors() == Superblock.IN_SYNC
                && state.faultySlots().isEmpty();
        if (prepared && pplFeatures != 0 && sound) {
            for (FoundDevice member : members) {
                PplArea.writeEmpty(member.device(), member.superblock());
            }
            store.update(stopped -> stopped.withFeatures(pplFeatures));
        }
    }
}

package io.mdfuse.raid.array;

import io.mdfuse.device.DeviceException;
import io.mdfuse.raid.superblock.ArrayState;
import io.mdfuse.raid.superblock.BitmapArea;
import io.mdfuse.raid.superblock.Features;
import io.mdfuse.raid.superblock.FoundDevice;
import io.mdfuse.raid.superblock.PplArea;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.superblock.SuperblockStore;
import io.mdfuse.raid.writepath.ResyncRecord;
import java.io.IOException;
import java.util.List;

/**
 * Stores the resync offset, and sees to it that md never trusts a write-intent bitmap or a partial parity log
 * (PPL) that mdfuse did not keep up to date.
 *
 * <ul>
 *   <li>Bitmap: before the array is first marked dirty, every bitmap is marked stale. md then resyncs all.
 *   <li>PPL: while the array is dirty its feature bit is off, so md takes it for a plain array and resyncs all. When
 *       the array is stopped clean, an empty log is written and the bit is put back.
 * </ul>
 */
final class PolicyKeeper implements ResyncRecord {
    private final SuperblockStore store;
    private final List<FoundDevice> members;
    private final boolean hasBitmap;
    private final int pplFeatures;
    private final int raidDisks;
    private boolean prepared;

    PolicyKeeper(SuperblockStore store, Superblock reference, List<FoundDevice> members) {
        this.store = store;
        this.members = members;
        this.hasBitmap = reference.hasFeature(Features.BITMAP);
        this.raidDisks = reference.raidDisks();
        this.pplFeatures = reference.featureMap() & Features.ANY_PPL;
    }

    @Override
    public synchronized void storeResyncOffset(long stripeSector) throws IOException {
        if (stripeSector == DIRTY && !prepared) {
            markBitmapsStale();
            store.update(state -> state.withoutFeatures(pplFeatures).withResyncOffset(DIRTY));
            prepared = true;
        } else {
            store.storeResyncOffset(stripeSector);
        }
    }

    /** Gives a new device what its superblock speaks of: an empty PPL, and a copy of a member's bitmap. */
    synchronized void equip(FoundDevice device) throws DeviceException {
        if (pplFeatures != 0) {
            PplArea.writeEmpty(device.device(), device.superblock());
        }
        if (hasBitmap) {
            FoundDevice like = members.getFirst();
            BitmapArea.copy(like.device(), like.superblock(), device.device(), device.superblock());
        }
    }

    private void markBitmapsStale() throws DeviceException {
        if (hasBitmap) {
            for (FoundDevice member : members) {
                BitmapArea.markStale(member.device(), member.superblock());
            }
        }
    }

    /** Nothing will be written any more. Where all is clean and everybody is there, the PPL is put back in force. */
    synchronized void stopped() throws IOException {
        ArrayState state = store.state();
        boolean sound = state.resyncOffsetSectors() == Superblock.IN_SYNC && state.allInSync(raidDisks);
        if (prepared && pplFeatures != 0 && sound) {
            for (FoundDevice member : members) {
                PplArea.writeEmpty(member.device(), member.superblock());
            }
            store.update(stopped -> stopped.withFeatures(pplFeatures));
        }
    }
}

package io.mdfuse.raid.array;

import io.mdfuse.raid.member.MemberSet;
import io.mdfuse.raid.stripe.SyncPosition;
import io.mdfuse.raid.superblock.FoundBitmap;
import io.mdfuse.raid.superblock.Superblock;
import io.mdfuse.raid.writepath.LocklessBitmap;
import io.mdfuse.raid.writepath.TaskThreads;
import io.mdfuse.raid.writepath.WriteIntent;
import io.mdfuse.raid.writepath.WriteIntentBitmap;

/** Makes the write intent of an array whose bitmaps were found: of version 4, or the lockless bitmap. */
final class BitmapStart {
    private BitmapStart() {}

    /** Reads and writes nothing. */
    static WriteIntent of(
            FoundBitmap found,
            Superblock reference,
            MemberSet members,
            SyncPosition syncPosition,
            TaskThreads threads) {
        if (found.states() == null) {
            boolean parityRight = reference.resyncOffset().isInSync() && members.degraded() == 0;
            return new WriteIntentBitmap(found, reference, parityRight, members, syncPosition, threads);
        }
        LocklessBitmap bitmap = new LocklessBitmap(found, reference, members, threads);
        if (!syncPosition.inSync()) {
            bitmap.syncs().resyncBegins(syncPosition.reached().stripeSector());
        }
        return bitmap;
    }
}
